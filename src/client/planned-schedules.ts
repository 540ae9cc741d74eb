import type { Duration } from '@temporalio/common'
import { catchUpScheduleId, catchUpWorkflowId } from '../contracts/ids.ts'
import { PRIORITY } from '../contracts/priorities.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { catchUpInput } from './catch-ups.ts'

/** A workflow that has to run regularly. */
export interface PlannedSchedule {
  readonly id: string
  readonly workflowType: string
  readonly workflowId: string
  readonly taskQueue: string
  readonly input: object
  readonly every: Duration
  /** A run that has not ended by then is timed out by Temporal, and the next one starts as planned. */
  readonly runTimeout: Duration
  /** Temporal's priority key, where it is not the default. */
  readonly priority?: number
  /** The purpose, in words an operator reads. */
  readonly note: string
}

/** A tenant whose sources of events are read regularly, so that none is lost. */
export interface CatchUpTarget {
  /** `-` where the system has no tenants. */
  readonly tenant: string
  /** The purpose, in words an operator reads. */
  readonly note: string
}

/** `watch` looks for missing signups over the same period, so that everybody is covered by one of the two. */
export const AUDIT_INTERVAL_MS = 60 * 60_000

/** Every schedule of a system: catch-up for each of its tenants, the watch of the dependencies of signups, and the audit. */
export function plannedSchedules(system: System, catchUps: readonly CatchUpTarget[]): PlannedSchedule[] {
  const taskQueue = taskQueueOf(system)
  return [
    ...catchUps.map(({ tenant, note }) => ({
      id: catchUpScheduleId(system, tenant),
      workflowType: 'catchUp',
      workflowId: catchUpWorkflowId(system, tenant),
      taskQueue,
      input: catchUpInput(system, tenant),
      every: '1m' as const,
      runTimeout: '6h' as const, // the next run continues from the cursor
      note,
    })),
    {
      id: `${system}-watch`,
      workflowType: 'watch',
      workflowId: `watch/${system}`,
      taskQueue,
      input: { system },
      every: '5m',
      runTimeout: '4m', // shorter than the interval, so that a run that hangs never keeps the next from starting
      priority: PRIORITY.watch,
      note: 'Inspects everything, retries signups whose dependency has recovered, and updates alerts',
    },
    {
      id: `${system}-audit`,
      workflowType: 'audit',
      workflowId: `audit/${system}/scheduled`,
      taskQueue,
      input: { system, scheduled: true },
      every: AUDIT_INTERVAL_MS,
      runTimeout: '6h',
      note: 'Audits all people for incomplete records',
    },
  ]
}
