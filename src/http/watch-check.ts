import { ScheduleNotFoundError, type Client } from '@temporalio/client'
import { withDeadline } from '../client/temporal.ts'
import { allConditions, findRuns, visibility, type VisibilityQuery } from '../client/visibility.ts'
import { taskQueueOf, type System } from '../contracts/systems.ts'
import type { ServerCheck } from './monitor.ts'

/** Three runs of the schedule. */
const LATE_MS = 15 * 60_000

interface WatchCheck {
  readonly temporal: Client
  readonly system: System
  readonly lateMs?: number
}

/** The reason why no `watch` completes, as far as Temporal shows it. */
export type WatchLateReason = 'no-schedule' | 'paused' | 'running' | 'failed' | 'unknown'

/**
 * Whether `watch`, on which most alerts depend, still completes. Time without Temporal or without a worker does not
 * count, since these are separate alerts, nor does the time before this server started if there is no schedule.
 */
export function watchCheck({ temporal, system, lateMs = LATE_MS }: WatchCheck): ServerCheck {
  const startedAt = Date.now()
  let hinderedUntil = 0
  const ofSystem = visibility`WorkflowType = 'watch' AND TaskQueue = ${taskQueueOf(system)}`

  const newest = async (condition: VisibilityQuery) => {
    for await (const run of findRuns(temporal, allConditions([ofSystem, condition]), { most: 1 })) return run
    return null
  }

  const schedule = async () => {
    try {
      return await temporal.schedule.getHandle(`${system}-watch`).describe()
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return null
      throw error
    }
  }

  const late = async (now: number): Promise<{ since: number; because: WatchLateReason } | null> => {
    const after = new Date(now - lateMs)
    if ((await newest(visibility`ExecutionStatus = 'Completed' AND CloseTime > ${after}`)) !== null)
      return null
    const planned = await schedule()
    const completed = await newest(visibility`ExecutionStatus = 'Completed'`)
    const since = Math.max(
      planned?.info.createdAt.getTime() ?? startedAt,
      completed?.closeTime?.getTime() ?? 0,
      hinderedUntil,
    )
    if (now - since < lateMs) return null
    if (planned === null) return { since, because: 'no-schedule' }
    if (planned.state.paused) return { since, because: 'paused' }
    if ((await newest(visibility`ExecutionStatus = 'Running'`)) !== null) return { since, because: 'running' }
    const failed = await newest(visibility`ExecutionStatus != 'Completed' AND CloseTime > ${after}`)
    return { since, because: failed === null ? 'unknown' : 'failed' }
  }

  return {
    name: 'watch',
    async run(before) {
      const now = Date.now()
      if (before.has('temporal-unreachable') || before.has('no-worker')) hinderedUntil = now
      const found = await withDeadline(temporal, () => late(now))
      if (found === null) return { findings: [], closable: ['watch-late'] }
      const since = new Date(found.since).toISOString()
      return {
        findings: [{ name: 'watch-late', count: 0, since, detail: { because: found.because } }],
        closable: [],
      }
    },
  }
}
