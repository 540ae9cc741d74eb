import { Argument, type Command } from 'commander'
import { createSchedules, plannedSchedules, type ScheduleState } from '../client/schedules.ts'
import { EXIT } from '../entry.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import { ago, table } from './print.ts'

export function schedulesCommand(): Command {
  return systemCommand(
    'schedules',
    'What runs again and again: create and update the schedules, or show when they ran and will run.',
    ['schedules atproto apply', 'schedules atproto list', 'schedules atproto list --json'],
  )
    .addArgument(new Argument('<action>', 'what to do').choices(['apply', 'list']))
    .action((system: string, action: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        const planned = plannedSchedules('atproto', context.config('tenantNames').tenantNames)
        const schedules = createSchedules(await context.temporal())
        if (action === 'list') return listed(await schedules.states(planned))
        const applied = await schedules.apply(planned)
        return {
          document: { schedules: applied },
          text: applied.map(({ id, was }) => `${id} ${was}`).join('\n'),
        }
      }),
    )
}

function listed(states: readonly ScheduleState[]): Answer {
  const rows = states.map(({ id, exists, paused, last, next, missed, skipped, note }) => [
    id,
    last === null ? '-' : ago(last),
    exists ? (paused ? 'paused' : next === null ? '-' : ago(next)) : 'not there',
    String(missed),
    String(skipped),
    note,
  ])
  const absent = states.some(({ exists }) => !exists)
  const lines = [table(['SCHEDULE', 'LAST', 'NEXT', 'MISSED', 'SKIPPED', 'WHAT FOR'], rows)]
  if (absent) lines.push('What is not there does not run. To create it: holdfast schedules atproto apply')
  return {
    document: { schedules: states },
    text: lines.join('\n\n'),
    exitCode: absent ? EXIT.failed : EXIT.done,
  }
}
