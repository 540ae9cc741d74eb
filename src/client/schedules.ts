import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client'
import { catchUpWorkflowId, tenantOfCatchUpSchedule } from '../contracts/ids.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import type { CatchUpTarget, PlannedSchedule } from './planned-schedules.ts'
import { allSettledOrThrow } from './all-settled-or-throw.ts'
import { withDeadline } from './temporal.ts'
import { findRuns, visibility } from './visibility.ts'

/** A schedule's state at Temporal. */
export interface ScheduleState {
  readonly id: string
  readonly note: string
  readonly exists: boolean
  readonly paused: boolean
  /** ISO 8601. */
  readonly last: string | null
  readonly next: string | null
  /** Runs that did not take place because Temporal was unavailable for too long. */
  readonly missed: number
  /** Runs skipped because the previous one was still running. */
  readonly skipped: number
}

export interface Schedules {
  /**
   * Creates missing schedules and updates the others to the plan; a schedule that an operator paused stays paused. Safe
   * to repeat.
   */
  apply(planned: readonly PlannedSchedule[]): Promise<{ id: string; was: 'created' | 'updated' }[]>
  states(planned: readonly PlannedSchedule[]): Promise<ScheduleState[]>
  /** Schedules that Holdfast created for tenants that are not configured now. Other schedules are not among them. */
  orphaned(system: System, catchUps: readonly Pick<CatchUpTarget, 'tenant'>[]): Promise<ScheduleState[]>
  /**
   * Deletes such schedules, and terminates the workflows they started, since a tenant that is not configured cannot be
   * read.
   */
  remove(leftOver: readonly ScheduleState[]): Promise<{ id: string; was: 'removed' }[]>
}

/** A run that could not start for this long is skipped: the next one does its work. */
const CATCH_UP_WINDOW = '5m'

export function createSchedules(client: Client): Schedules {
  /** Null where the schedule does not exist. */
  const describe = async (id: string): Promise<ScheduleDescription | null> => {
    try {
      return await client.schedule.getHandle(id).describe()
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null
      throw error
    }
  }

  const stateOf = async ({ id, note }: PlannedSchedule): Promise<ScheduleState> => {
    const found = await describe(id)
    return found === null
      ? { id, note, exists: false, paused: false, last: null, next: null, missed: 0, skipped: 0 }
      : stateFrom(found, note)
  }

  const leftOver: Schedules['orphaned'] = async (system, catchUps) => {
    const states: ScheduleState[] = []
    for await (const { scheduleId } of client.schedule.list()) {
      const tenant = tenantOfCatchUpSchedule(system, scheduleId)
      if (tenant === null || catchUps.some((target) => target.tenant === tenant)) continue
      const found = await describe(scheduleId)
      if (found !== null && isCatchUpOf(found, system, tenant))
        states.push(stateFrom(found, `Left over from ${tenant}, which is no longer configured`))
    }
    return states
  }

  const removeOne = async ({ id }: ScheduleState) => {
    const found = await describe(id)
    if (found !== null) {
      const schedule = client.schedule.getHandle(id)
      await schedule.pause('its tenant is no longer configured')
      await endRuns(client, found.action.workflowId)
      await schedule.delete() // last: as long as it exists, the next command retries whatever failed before
    }
    return { id, was: 'removed' as const }
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
    apply: (planned) => withDeadline(client, () => allSettledOrThrow(planned.map(applyOne))),
    states: (planned) => withDeadline(client, () => allSettledOrThrow(planned.map(stateOf))),
    orphaned: (system, catchUps) => withDeadline(client, () => leftOver(system, catchUps)),
    remove: (states) => withDeadline(client, () => allSettledOrThrow(states.map(removeOne))),
  }
}

function stateFrom({ scheduleId, info, state }: ScheduleDescription, note: string): ScheduleState {
  return {
    id: scheduleId,
    note,
    exists: true,
    paused: state.paused,
    last: info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
    next: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
  }
}

/**
 * A schedule of someone else may have the same name. It is Holdfast's own when it starts a catch-up under Holdfast's
 * workflow id and on its task queue.
 */
function isCatchUpOf({ action }: ScheduleDescription, system: System, tenant: string): boolean {
  return (
    action.workflowType === 'catchUp' &&
    action.workflowId === catchUpWorkflowId(system, tenant) &&
    action.taskQueue === taskQueueOf(system)
  )
}

/** Schedules append the time to the workflow id. */
const TIME_ADDED = /^-\d{4}-\d\d-\d\dT/

/** Most running catch-ups, over all tenants: one each, and those that outlived their schedule. */
const MOST_RUNS = 10_000

/**
 * Terminates the workflows of a schedule, which outlive it and would be retried for ever. Their id names the system and
 * the tenant, so they are found on any task queue.
 */
async function endRuns(client: Client, workflowId: string): Promise<void> {
  const query = visibility`WorkflowType = 'catchUp' AND ExecutionStatus = 'Running'`
  for await (const run of findRuns(client, query, { most: MOST_RUNS })) {
    if (!run.workflowId.startsWith(workflowId) || !TIME_ADDED.test(run.workflowId.slice(workflowId.length)))
      continue
    try {
      await client.workflow.getHandle(run.workflowId).terminate('its tenant is no longer configured')
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error // it has ended meanwhile
    }
  }
}

function optionsOf(planned: PlannedSchedule) {
  const { id, workflowType, workflowId, taskQueue, input, every, runTimeout, priority, note } = planned
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
      workflowRunTimeout: runTimeout,
      ...(priority === undefined ? {} : { priority: { priorityKey: priority } }),
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP_WINDOW },
    state: { note },
  } satisfies ScheduleOptions
}
