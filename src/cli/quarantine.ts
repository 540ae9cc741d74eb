import { Argument, type Command } from 'commander'
import { createQuarantine } from '../adapters/mongo/quarantine.ts'
import { createIdHash, createKeyring } from '../crypto/keyring.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { ago, table } from './print.ts'

const MOST = 500

export function quarantineCommand(): Command {
  return systemCommand(
    'quarantine',
    'Show events that could not be read and were kept aside, newest first.',
    ['quarantine atproto list', "quarantine atproto list --json | jq '.entries | length'"],
  )
    .addArgument(new Argument('<action>', 'what to do').choices(['list']))
    .action((system: string, _action: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        const { keys } = context.config('keys')
        const { db } = context.mongo()
        const entries = await createQuarantine(db, createKeyring(keys.sealing), createIdHash(keys.id)).list(
          system,
          MOST,
        )
        const rows = entries.map(({ id, tenant, reason, times, lastSeen, expiresAt }) => [
          id,
          tenant,
          reason,
          String(times),
          ago(lastSeen),
          ago(expiresAt),
        ])
        const text =
          rows.length === 0
            ? 'Nothing is quarantined.'
            : table(['ID', 'TENANT', 'REASON', 'TIMES', 'LAST', 'EXPIRES'], rows)
        return { document: { entries }, text }
      }),
    )
}
