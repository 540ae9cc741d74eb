import type { Command } from 'commander'
import { createIgnored, type Ignored } from '../adapters/mongo/ignored.ts'
import { UsageError } from '../entry.ts'
import { assertIdentity, no } from './answers.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import { comingMoment } from './moment.ts'
import { ago, table } from './print.ts'

interface IgnoreOptions extends CommonOptions {
  readonly until?: Date
  readonly reason?: string
  readonly list?: boolean
  readonly drop?: boolean
}

export function ignoreCommand(): Command {
  return systemCommand(
    'ignore',
    'Leave a person out of alerts for a while, such as a test account; they are counted apart.',
    [
      "ignore atproto 'auth0|6123abc' --until 90d --reason 'test account of the app team'",
      'ignore atproto --list',
      "ignore atproto 'auth0|6123abc' --drop",
    ],
  )
    .argument('[id]', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .option('--until <time>', 'until this date, or for so long: 2030-01-31, 90d', comingMoment)
    .option('--reason <text>', 'why, for whoever asks later')
    .option('--list', 'show who is ignored')
    .option('--drop', 'ignore the person no longer')
    .action(
      (system: string, id: string | undefined, { until, reason, list, drop, ...common }: IgnoreOptions) =>
        answer(system, common, async (context) => {
          const ignored = (): Ignored => createIgnored(context.mongo().db)
          if (list === true) return listAnswer(system, ignored())
          if (id === undefined)
            throw new UsageError('Say who: holdfast ignore atproto <id> --until D --reason R')
          const { identity, tenant } = context.person(id)
          if (drop === true) {
            if (!(await ignored().drop(identity))) return no(`'${id}' was not ignored.`)
            return { document: { identity, ignored: false }, text: `'${id}' counts again.` }
          }
          if (until === undefined || reason === undefined)
            throw new UsageError('To ignore somebody takes both: --until <time> and --reason <text>')
          assertIdentity(identity)
          await ignored().add({ system, tenant, identity, until, reason })
          return {
            document: { identity, tenant, ignored: true, until: until.toISOString(), reason },
            text: `'${id}' is ignored until ${until.toISOString()}.`,
          }
        }),
    )
}

async function listAnswer(system: string, adapter: Ignored): Promise<Answer> {
  const ignored = await adapter.list(system)
  const rows = ignored.map(({ identity, tenant, reason, since, until }) => [
    identity,
    tenant,
    ago(since),
    until,
    reason,
  ])
  return {
    document: { ignored },
    text:
      rows.length === 0
        ? 'Nobody is ignored.'
        : table(['PERSON', 'TENANT', 'SINCE', 'UNTIL', 'REASON'], rows),
  }
}
