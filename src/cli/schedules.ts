import { Argument, type Command } from 'commander'
import { createSchedules, plannedSchedules, type ScheduleState } from '../client/schedules.ts'
import { EXIT } from '../entry.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import { ago, table } from './print.ts'

export function schedulesCommand(): Command {
  return systemCommand(
    'schedules',
    'What runs again and again: create and update the schedules, remove those of tenants that are gone, or show when they ran and will run.',
    ['schedules atproto apply', 'schedules atproto list', 'schedules atproto list --json'],
  )
    .addArgument(new Argument('<action>', 'what to do').choices(['apply', 'list']))
    .action((system: string, action: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        const { tenantNames } = context.config('tenantNames')
        const planned = plannedSchedules('atproto', tenantNames)
        const schedules = createSchedules(await context.temporal())
        const leftOver = await schedules.leftOver('atproto', tenantNames)
        if (action === 'list') return listed(await schedules.states(planned), leftOver)
        const applied = [...(await schedules.apply(planned)), ...(await schedules.remove(leftOver))]
        return {
          document: { schedules: applied },
          text: applied.map(({ id, was }) => `${id} ${was}`).join('\n'),
        }
      }),
    )
}

function listed(planned: readonly ScheduleState[], leftOver: readonly ScheduleState[]): Answer {
  const states = [
    ...planned.map((state) => ({ ...state, configured: true })),
    ...leftOver.map((state) => ({ ...state, configured: false })),
  ]
  const rows = states.map(({ id, exists, paused, last, next, missed, skipped, note }) => [
    id,
    last === null ? '-' : ago(last),
    exists ? (paused ? 'paused' : next === null ? '-' : ago(next)) : 'not there',
    String(missed),
    String(skipped),
    note,
  ])
  const absent = states.some(({ exists }) => !exists)
  const lines = [
    table(['SCHEDULE', 'LAST', 'NEXT', 'MISSED', 'SKIPPED', 'WHAT FOR'], rows),
    ...(absent ? ['What is not there does not run. To create it: holdfast schedules atproto apply'] : []),
    ...(leftOver.length === 0
      ? []
      : [
          `Of no configured tenant: ${leftOver.map(({ id }) => id).join(', ')}. To remove: holdfast schedules atproto apply`,
        ]),
  ]
  return {
    document: { schedules: states },
    text: lines.join('\n\n'),
    exitCode: absent || leftOver.length > 0 ? EXIT.failed : EXIT.done,
  }
}
