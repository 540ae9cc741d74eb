import { taskQueueOf, type System } from '../contracts/systems.ts'

/**
 * The schedules that watch over a system, in the shape of `PlannedSchedule`: hourly audit, and a look every five
 * minutes at what signups lean on.
 */
export function watchSchedules(system: System) {
  return [
    {
      id: `${system}-watch`,
      workflowType: 'watch',
      workflowId: `watch/${system}`,
      taskQueue: taskQueueOf(system),
      input: { system },
      every: '5m',
      note: 'Looks whether signups can go on, and sets going who waits in vain',
    },
    {
      id: `${system}-audit`,
      workflowType: 'audit',
      workflowId: `audit/${system}/scheduled`,
      taskQueue: taskQueueOf(system),
      input: { system },
      every: '1h',
      note: 'Looks at everybody: whose records are not complete',
    },
  ] as const
}
