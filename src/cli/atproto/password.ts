import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { createPersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import { createKeyring, isSealed, keyIdOf } from '../../crypto/keyring.ts'
import { errorResult } from '../lib/error-results.ts'
import { mongoOf } from '../../state/open.ts'
import { runOwn, systemCommand, type CommonOptions } from '../lib/command.ts'
import { reasonText, requireReason } from '../lib/reason.ts'

interface PasswordOptions extends CommonOptions {
  readonly reason?: string
}

export function passwordCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'password',
    "Show the password of one person's account. The viewing, its time and the operator are recorded first.",
    [`password ${help.system} ${help.id} --reason 'ticket 512'`],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .option('--reason <text>', 'the reason; required and recorded; no e-mail addresses', reasonText)
    .action((system: string, id: string, options: PasswordOptions) =>
      runOwn(help, 'password', system, options, async (context) => {
        const reason = requireReason(options.reason, 'A password')
        const { keys } = context.config('keys')
        const { db } = mongoOf(await context.opened())
        await context.acting.begin({ name: 'password', kind: 'show', people: [id], reason })
        const { user } = await createPersonMemory(db).loadWithUser(id)
        const stored = user?.atproto?.password
        if (user === null) return errorResult(`MongoDB has no user '${id}'.`)
        if (!stored) return errorResult(`'${id}' has no account yet, or its password is not known.`)

        const place = { collection: 'users', person: id, field: 'atproto.password' }
        const password = isSealed(stored) ? createKeyring(keys.sealing).open(stored, place) : stored
        const keyId = keyIdOf(stored)
        await context.acting.shown({ keyIds: keyId === null ? [] : [keyId], count: 1 })
        const { did = null, handle = null } = user.atproto ?? {}
        return { document: { system, identity: id, did, handle, password }, text: password }
      }),
    )
}
