import type { Command } from 'commander'
import { createPersonStores } from '../adapters/mongo/person-stores.ts'
import { createReveals } from '../adapters/mongo/reveals.ts'
import { createTombstones } from '../adapters/mongo/tombstones.ts'
import { createPds } from '../adapters/pds.ts'
import { createIdHash, createKeyring } from '../crypto/keyring.ts'
import { nothingKnown } from './answers.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { operator } from './operator.ts'
import { openDossier } from './dossier.ts'

interface ExportOptions extends CommonOptions {
  readonly secrets?: boolean
}

export function exportCommand(): Command {
  return systemCommand(
    'export',
    'Print everything Holdfast holds on one person, in every store, as one JSON document.',
    ["export atproto 'auth0|6123abc' > person.json", "export atproto 'auth0|6123abc' --secrets"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .option('--secrets', 'passwords and invite codes too, opened')
    .action((system: string, id: string, { secrets = false, ...common }: ExportOptions) =>
      answer(system, common, async (context) => {
        const person = context.named(id)
        const { keys, pds } = context.config('keys', 'pds')
        const { db } = context.mongo()
        const keyring = createKeyring(keys.sealing)
        const stores = await createPersonStores(db, keyring).read(person)
        const dossier = openDossier(stores, { keyring, person: id, secrets })
        const did = dossier.user?.atproto?.did
        const tombstone = await createTombstones(db, createIdHash(keys.id)).find(id)
        const executions = await (await context.executions()).list(person)
        const found = Object.values(stores).some((documents) => documents.length > 0)
        if (!found && tombstone === null && executions.length === 0) return nothingKnown(id)
        const document = {
          system,
          ...person,
          at: new Date().toISOString(),
          application: dossier.application,
          holdfast: dossier.holdfast,
          tombstone,
          temporal: executions,
          pds: did === undefined ? null : await createPds(pds).accountByDid(did),
        }
        if (found) {
          await createReveals(db).record({
            kind: 'export',
            keyIds: keys.sealing.map((key) => key.id),
            count: 1,
            caller: operator(),
            reason: secrets ? 'with secrets' : null,
          })
        }
        return {
          document,
          text: JSON.stringify(document, null, 2),
        }
      }),
    )
}
