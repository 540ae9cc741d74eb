import type { CommandHelp } from '../../systems/command-part.ts'
import { Argument, type Command } from 'commander'
import { plannedSchedules } from '../../client/planned-schedules.ts'
import { createSchedules, type ScheduleState } from '../../client/schedules.ts'
import type { System } from '../../contracts/systems.ts'
import { EXIT } from '../../errors.ts'
import { runForSystem, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import { relativeTime, table } from '../format/print.ts'

export function schedulesCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'schedules',
    'apply: create and update the schedules, and remove those of tenants no longer configured. list: show their last and next runs.',
    [
      `schedules ${help.system} apply`,
      `schedules ${help.system} list`,
      `schedules ${help.system} list --json`,
    ],
  )
    .addArgument(new Argument('<action>', 'the action').choices(['apply', 'list']))
    .action((system: string, action: string, options: CommonOptions) =>
      runForSystem(system, options, async (context) => {
        const catchUps = context.served.catchUps(context.env)
        const planned = plannedSchedules(context.system, catchUps)
        const schedules = createSchedules(await context.temporal())
        const leftOver = await schedules.orphaned(context.system, catchUps)
        if (action === 'list') return listed(context.system, await schedules.states(planned), leftOver)
        await context.acting.begin({ name: 'schedules apply', kind: 'change', scope: system })
        const applied = [...(await schedules.apply(planned)), ...(await schedules.remove(leftOver))]
        return {
          document: { schedules: applied },
          text: applied.map(({ id, was }) => `${id} ${was}`).join('\n'),
        }
      }),
    )
}

function listed(
  system: System,
  planned: readonly ScheduleState[],
  leftOver: readonly ScheduleState[],
): CommandResult {
  const states = [
    ...planned.map((state) => ({ ...state, configured: true })),
    ...leftOver.map((state) => ({ ...state, configured: false })),
  ]
  const rows = states.map(({ id, exists, paused, last, next, missed, skipped, note }) => [
    id,
    last === null ? '-' : relativeTime(last),
    exists ? (paused ? 'paused' : next === null ? '-' : relativeTime(next)) : 'missing',
    String(missed),
    String(skipped),
    note,
  ])
  const absent = states.some(({ exists }) => !exists)
  const lines = [
    table(['SCHEDULE', 'LAST', 'NEXT', 'MISSED', 'SKIPPED', 'PURPOSE'], rows),
    ...(absent ? [`Missing schedules do not run. To create them: holdfast schedules ${system} apply`] : []),
    ...(leftOver.length === 0
      ? []
      : [
          `Schedules of tenants no longer configured: ${leftOver.map(({ id }) => id).join(', ')}. To remove them: holdfast schedules ${system} apply`,
        ]),
  ]
  return {
    document: { schedules: states },
    text: lines.join('\n\n'),
    exitCode: absent || leftOver.length > 0 ? EXIT.failed : EXIT.done,
  }
}
