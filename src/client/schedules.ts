import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client'
import type { Duration } from '@temporalio/common'
import type { CatchUpInput } from '../contracts/catch-up.ts'
import { catchUpScheduleId, catchUpWorkflowId, tenantOfCatchUpSchedule } from '../contracts/ids.ts'
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
  /** Schedules that Holdfast made for tenants which are none of these any longer. Nobody else's is among them. */
  leftOver(system: System, tenants: readonly { readonly name: string }[]): Promise<ScheduleState[]>
  /** Takes such schedules away, and ends what they started: nobody can read for a tenant that is not configured. */
  remove(leftOver: readonly ScheduleState[]): Promise<{ id: string; was: 'removed' }[]>
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
  /** Null where it is not there. */
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

  const leftOver: Schedules['leftOver'] = async (system, tenants) => {
    const states: ScheduleState[] = []
    for await (const { scheduleId } of client.schedule.list()) {
      const tenant = tenantOfCatchUpSchedule(system, scheduleId)
      if (tenant === null || tenants.some(({ name }) => name === tenant)) continue
      const found = await describe(scheduleId)
      if (found !== null && isCatchUpOf(found, system, tenant))
        states.push(stateFrom(found, `Left from ${tenant}, which is not configured any longer`))
    }
    return states
  }

  const removeOne = async ({ id }: ScheduleState) => {
    const found = await describe(id)
    if (found !== null) {
      const schedule = client.schedule.getHandle(id)
      await schedule.pause('its tenant is not configured any longer')
      await endRuns(client, found.action.workflowId)
      await schedule.delete() // last: as long as it is there, whatever fails before is tried again by the next look
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
    apply: (planned) => inTime(client, () => allOf(planned.map(applyOne))),
    states: (planned) => inTime(client, () => allOf(planned.map(stateOf))),
    leftOver: (system, tenants) => inTime(client, () => leftOver(system, tenants)),
    remove: (states) => inTime(client, () => allOf(states.map(removeOne))),
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

/** Anybody may name a schedule as we do: it is ours when it starts what ours start, under their id and on their queue. */
function isCatchUpOf({ action }: ScheduleDescription, system: System, tenant: string): boolean {
  return (
    action.workflowType === 'catchUp' &&
    action.workflowId === catchUpWorkflowId(system, tenant) &&
    action.taskQueue === taskQueueOf(system)
  )
}

/** A schedule adds the time to the id it was given. */
const TIME_ADDED = /^-\d{4}-\d\d-\d\dT/

/** What a schedule started outlives it, and would be tried for ever. */
async function endRuns(client: Client, workflowId: string): Promise<void> {
  const query = `WorkflowType = 'catchUp' AND ExecutionStatus = 'Running'`
  for await (const run of client.workflow.list({ query })) {
    if (!run.workflowId.startsWith(workflowId) || !TIME_ADDED.test(run.workflowId.slice(workflowId.length)))
      continue
    try {
      await client.workflow.getHandle(run.workflowId).terminate('its tenant is not configured any longer')
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error // it has ended by itself
    }
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
