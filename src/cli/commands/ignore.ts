import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { assertIdentity, errorResult } from '../lib/error-results.ts'
import { runForSystem, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import { parseFutureDate } from '../lib/time.ts'
import { relativeTime, table } from '../format/print.ts'
import { reasonText } from '../lib/reason.ts'
import type { Ignored } from '../../state/ports/ignored.ts'

interface IgnoreOptions extends CommonOptions {
  readonly until?: Date
  readonly reason?: string
  readonly list?: boolean
  readonly drop?: boolean
}

export function ignoreCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'ignore',
    'Exclude a person, such as a test account, from alerts for a while; they are counted separately.',
    [
      `ignore ${help.system} ${help.id} --until 90d --reason 'test account of the app team'`,
      `ignore ${help.system} --list`,
      `ignore ${help.system} ${help.id} --drop`,
    ],
  )
    .argument('[id]', `the identity, as the application stores it, such as ${help.id}`)
    .option('--until <time>', 'a date, or a duration from now: 2030-01-31, 90d', parseFutureDate)
    .option('--reason <text>', 'the reason, for the record; no e-mail addresses', reasonText)
    .option('--list', 'list ignored people')
    .option('--drop', 'stop ignoring the person')
    .action(
      (system: string, id: string | undefined, { until, reason, list, drop, ...common }: IgnoreOptions) =>
        runForSystem(system, common, async (context) => {
          const ignored = async (): Promise<Ignored> => (await context.state()).ignored
          if (list === true) return listAnswer(await ignored())
          if (id === undefined)
            throw new UsageError(`Give an identity: holdfast ignore ${system} <id> --until D --reason R`)
          const { identity, tenant } = context.person(id)
          if (drop === true) {
            await context.acting.begin({ name: 'ignore --drop', kind: 'change', people: [identity] })
            if (!(await (await ignored()).drop(identity))) return errorResult(`'${id}' was not ignored.`)
            return { document: { identity, ignored: false }, text: `'${id}' is no longer ignored.` }
          }
          if (until === undefined || reason === undefined)
            throw new UsageError('Both --until <time> and --reason <text> are required.')
          assertIdentity(context, identity)
          await context.acting.begin({ name: 'ignore', kind: 'change', people: [identity], reason })
          await (await ignored()).add({ tenant, identity, until, reason })
          return {
            document: { identity, tenant, ignored: true, until: until.toISOString(), reason },
            text: `'${id}' is ignored until ${until.toISOString()}.`,
          }
        }),
    )
}

async function listAnswer(adapter: Ignored): Promise<CommandResult> {
  const ignored = await adapter.list()
  const rows = ignored.map(({ identity, tenant, reason, since, until }) => [
    identity,
    tenant,
    relativeTime(since),
    until,
    reason,
  ])
  return {
    document: { ignored },
    text:
      rows.length === 0
        ? 'No one is ignored.'
        : table(['PERSON', 'TENANT', 'SINCE', 'UNTIL', 'REASON'], rows),
  }
}
