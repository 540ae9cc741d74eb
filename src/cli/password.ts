import type { Command } from 'commander'
import { createReveals } from '../adapters/mongo/reveals.ts'
import { createUsers } from '../adapters/mongo/users.ts'
import { createKeyring, isSealed, keyIdOf } from '../crypto/keyring.ts'
import { no } from './answers.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { operator } from './operator.ts'

interface PasswordOptions extends CommonOptions {
  readonly reason?: string
}

export function passwordCommand(): Command {
  return systemCommand(
    'password',
    "Show the password of one person's account. That it was shown, when and to whom, is recorded first.",
    ["password atproto 'auth0|6123abc' --reason 'ticket 512'"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .option('--reason <text>', 'why, for the record')
    .action((system: string, id: string, options: PasswordOptions) =>
      answer(system, options, async (context) => {
        const { keys } = context.config('keys')
        const { db } = context.mongo()
        const user = await createUsers(db).load(id)
        const stored = user?.atproto?.password
        if (user === null) return no(`No user '${id}' in MongoDB.`)
        if (!stored) return no(`'${id}' has no account yet, or none whose password is known.`)

        const place = { collection: 'users', person: id, field: 'atproto.password' }
        const password = isSealed(stored) ? createKeyring(keys.sealing).open(stored, place) : stored
        const keyId = keyIdOf(stored)
        await createReveals(db).record({
          kind: 'password',
          keyIds: keyId === null ? [] : [keyId],
          count: 1,
          caller: operator(),
          reason: options.reason ?? null,
        })
        const { did = null, handle = null } = user.atproto ?? {}
        return { document: { system, identity: id, did, handle, password }, text: password }
      }),
    )
}
