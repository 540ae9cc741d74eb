import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { readTogether } from '../../config/read-all.ts'
import { createKeyring } from '../../crypto/keyring.ts'
import { printableJson } from '../../domain/text/printable.ts'
import { unknownEverywhere } from '../lib/error-results.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { personContext } from '../../operations/context.ts'
import { decryptExport } from '../lib/export-decrypt.ts'
import { reasonText, requireReason } from '../lib/reason.ts'

interface ExportOptions extends CommonOptions {
  readonly secrets?: boolean
  readonly reason?: string
}

export function exportCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'export',
    'Print all data held on one person, from every store, as one JSON document.',
    [
      `export ${help.system} ${help.id} --reason 'their request of May 2' > person.json`,
      `export ${help.system} ${help.id} --secrets --reason 'ticket 512'`,
    ],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .option('--secrets', 'include passwords and invite codes, decrypted')
    .option('--reason <text>', 'the reason; required and recorded', reasonText)
    .action((system: string, id: string, { secrets = false, reason: given, ...common }: ExportOptions) =>
      runForSystem(system, common, async (context) => {
        const reason = requireReason(given, "A person's data")
        const answers = await context.served.onePerson()
        const own = personContext(context)
        // Nothing is recorded or read before everything that it takes is known to be configured.
        const [person, { keys }, , records, outside] = await readTogether(
          () => context.named(id),
          () => context.config('keys', 'temporal'),
          () => context.served.state.read(context.env),
          () => answers.records(own),
          () => answers.outside?.(own) ?? null,
        )
        const state = await context.state()
        await context.acting.begin({
          name: secrets ? 'export --secrets' : 'export',
          kind: 'show',
          people: [id],
          reason,
        })
        const keyring = createKeyring(keys.sealing)
        const personalData = state.personalData({ keyring, hash: own.hash, records })
        const stores = await personalData.read(person)
        const dossier = decryptExport(stores, { keyring, person: id, secrets })
        const tombstone = await state.tombstones(own.hash).find(id)
        const executions = await (await context.executions()).list(person)
        const found = Object.values(stores).some((documents) => documents.length > 0)
        if (!found && tombstone === null && executions.length === 0) return unknownEverywhere(context, id)
        const document = {
          system,
          ...person,
          at: new Date().toISOString(),
          application: dossier.application,
          holdfast: dossier.holdfast,
          tombstone,
          temporal: executions,
          ...(await outside?.(stores)),
        }
        await context.acting.shown({ keyIds: dossier.keyIds, count: dossier.opened })
        return {
          document,
          verbatim: true,
          text: printableJson(JSON.stringify(document, null, 2)),
        }
      }),
    )
}
