import type { Command } from 'commander'
import { parsePastDate } from '../../domain/typed-time.ts'
import { sumTotals } from '../../domain/totals.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import { totalsText } from '../format/totals.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { pastDateOption } from '../lib/values.ts'

interface TotalsOptions extends CommonOptions {
  readonly since: string
  readonly hourly?: boolean
}

export function totalsCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'totals',
    'Count the signups that began, ended and failed, by day or hour: with the problems that blocked them, the time they took, and the gaps that audits found.',
    [
      `totals ${help.system}`,
      `totals ${help.system} --since 24h --hourly`,
      `totals ${help.system} --since 7d --json | jq .sums`,
    ],
  )
    .option('--since <time>', 'from when: 24h, 30d, or a time in ISO 8601', pastDateOption, '30d')
    .option('--hourly', 'a row for each hour instead of each day')
    .action((system: string, { since, hourly = false, ...common }: TotalsOptions) =>
      runForSystem(system, common, async (context) => {
        const now = new Date()
        const by = hourly ? ('hour' as const) : ('day' as const)
        // A row is a whole hour or day; the option was validated when it was parsed.
        const from = startOf(by, parsePastDate(since, now) ?? now)
        const totals = await (await context.state()).totals.list(by, { from, to: now })
        const document = {
          system: context.system,
          by,
          from: from.toISOString(),
          to: now.toISOString(),
          sums: sumTotals(totals),
          totals,
        }
        return { document, text: totalsText(document) }
      }),
    )
}

function startOf(by: 'hour' | 'day', at: Date): Date {
  const start = new Date(at)
  if (by === 'hour') start.setUTCMinutes(0, 0, 0)
  else start.setUTCHours(0, 0, 0, 0)
  return start
}
