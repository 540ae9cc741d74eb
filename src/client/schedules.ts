import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client'
import type { Duration } from '@temporalio/common'
import type { CatchUpInput } from '../contracts/catch-up.ts'
import { catchUpScheduleId, catchUpWorkflowId } from '../contracts/ids.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import { watchSchedules } from './schedule-rows.ts'
import { allOf } from './all-of.ts'
import { inTime } from './temporal.ts'

/** A workflow that has to run again and again. */
export interface PlannedSchedule {
  readonly id: string
  readonly workflowType: string
  readonly workflowId: string
  readonly taskQueue: string
  readonly input: object
  readonly every: Duration
  /** What for, in words an operator reads. */
  readonly note: string
}

/** A schedule as it stands at Temporal. */
export interface ScheduleState {
  readonly id: string
  readonly note: string
  readonly exists: boolean
  readonly paused: boolean
  /** ISO 8601. */
  readonly last: string | null
  readonly next: string | null
  /** Runs that did not take place because Temporal was away for too long. */
  readonly missed: number
  /** Runs left out because the one before still ran. */
  readonly skipped: number
}

export interface Schedules {
  /** Creates what is missing and brings the others to the plan; what somebody paused stays paused. Safe to repeat. */
  apply(planned: readonly PlannedSchedule[]): Promise<{ id: string; was: 'created' | 'updated' }[]>
  states(planned: readonly PlannedSchedule[]): Promise<ScheduleState[]>
}

/** Every schedule of a system: the one table. */
export function plannedSchedules(
  system: System,
  tenants: readonly { readonly name: string }[],
): PlannedSchedule[] {
  const catchUps = tenants.map(({ name }) => ({
    id: catchUpScheduleId(system, name),
    workflowType: 'catchUp',
    workflowId: catchUpWorkflowId(system, name),
    taskQueue: taskQueueOf(system),
    input: { system, tenant: name } satisfies CatchUpInput,
    every: '1m' as const,
    note: `Reads what the log stream of ${name} may have lost`,
  }))
  return [...catchUps, ...watchSchedules(system)]
}

/** A run that could not begin for so long is left out: the next one does its work. */
const CATCH_UP_WINDOW = '5m'

export function createSchedules(client: Client): Schedules {
  const stateOf = async ({ id, note }: PlannedSchedule): Promise<ScheduleState> => {
    try {
      const { info, state } = await client.schedule.getHandle(id).describe()
      return {
        id,
        note,
        exists: true,
        paused: state.paused,
        last: info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
        next: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
        missed: info.numActionsMissedCatchupWindow,
        skipped: info.numActionsSkippedOverlap,
      }
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error
      return { id, note, exists: false, paused: false, last: null, next: null, missed: 0, skipped: 0 }
    }
  }

  const applyOne = async (planned: PlannedSchedule) => {
    const options = optionsOf(planned)
    try {
      await client.schedule.create(options)
      return { id: planned.id, was: 'created' as const }
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error
      const { scheduleId: _, ...changes } = options
      await client.schedule.getHandle(planned.id).update(({ state }) => ({
        ...changes,
        state: state.paused
          ? { paused: true, ...(state.note === undefined ? {} : { note: state.note }) }
          : changes.state,
      }))
      return { id: planned.id, was: 'updated' as const }
    }
  }

  return {
    apply: (planned) => inTime(client, () => allOf(planned.map(applyOne))),
    states: (planned) => inTime(client, () => allOf(planned.map(stateOf))),
  }
}

function optionsOf({ id, workflowType, workflowId, taskQueue, input, every, note }: PlannedSchedule) {
  return {
    scheduleId: id,
    spec: { intervals: [{ every }] },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId,
      taskQueue,
      args: [input],
      staticSummary: note,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_WINDOW },
    state: { note },
  } satisfies ScheduleOptions
}
