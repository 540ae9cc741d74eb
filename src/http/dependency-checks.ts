import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client } from '@temporalio/client'
import { blockedByQuery } from '../client/batch-retry.ts'
import { withDeadline } from '../client/temporal.ts'
import { countRuns } from '../client/visibility.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { System } from '../contracts/systems.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Logger } from '../logging.ts'
import type { ServerCheckResult, ServerCheck } from './monitor.ts'

/** The time in which workers reconnect. */
const RECOVERED_MS = 10_000

interface Dependency {
  readonly name: string
  readonly system: System
  readonly temporal: Client
  /** Throws a named problem where the dependency does not answer. */
  readonly ping: () => Promise<void>
  readonly logger: Logger
  /** How long it has to answer before blocked signups are retried, in milliseconds. */
  readonly recoveredMs?: number
}

/**
 * Whether one dependency answers its health call. It uses the same alert as `watch` does for the signups blocked by it,
 * so the alert is closed here only if this process has seen the failure itself and no signup is blocked. Once the
 * dependency has answered again for some seconds, `watch` is run, which retries blocked signups.
 */
export function dependencyCheck({
  name,
  system,
  temporal,
  ping,
  logger,
  recoveredMs = RECOVERED_MS,
}: Dependency): ServerCheck {
  const failedBefore = new Set<ProblemName>()
  /** The time since which it answers again; null while it fails, or after blocked signups were retried. */
  let backSince: number | null = null
  let failing = false

  const runWatch = async (): Promise<void> => {
    try {
      await withDeadline(temporal, () =>
        temporal.schedule.getHandle(`${system}-watch`).trigger(ScheduleOverlapPolicy.SKIP),
      )
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error // `watch-late` says so
    }
  }

  /** Null where Temporal does not answer. */
  const blockedBy = async (problem: ProblemName): Promise<number | null> => {
    try {
      return await withDeadline(temporal, () => countRuns(temporal, blockedByQuery(system, [problem])))
    } catch (error) {
      logger.warn({ err: error, problem }, 'Temporal did not return the number of blocked signups: retrying')
      return null
    }
  }

  const look = async (): Promise<ServerCheckResult> => {
    try {
      await ping()
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      failedBefore.add(error.problem)
      failing = true
      backSince = null
      const count = (await blockedBy(error.problem)) ?? 0
      return { findings: [{ name: error.problem, count, detail: error.detail }], closable: [] }
    }
    if (failing) backSince = Date.now()
    failing = false
    if (backSince !== null && Date.now() - backSince >= recoveredMs) {
      await runWatch()
      backSince = null // only here: a failed trigger is repeated by the next check
    }
    const over: ProblemName[] = []
    for (const problem of failedBefore) if ((await blockedBy(problem)) === 0) over.push(problem)
    for (const problem of over) failedBefore.delete(problem) // reported once: later findings of others are their own
    return { findings: [], closable: over }
  }
  return { name, run: look }
}
