import { readBlockedRuns, type BlockedRun } from '../../../client/blocked-runs.ts'
import type { ProblemName } from '../../../contracts/problems.ts'
import type { CommandContext } from '../../lib/context.ts'
import { relativeTime, table } from '../../format/print.ts'

interface Listed {
  readonly runs: readonly BlockedRun[]
  /** The text below the signups; empty if there are no such runs. */
  readonly text: readonly string[]
}

export const NO_RUNS: Listed = { runs: [], text: [] }

/** Blocked workflows other than signups: deletions, handle syncs, the watch of handles, large deliveries. */
export async function listBlockedRuns(
  context: CommandContext,
  asked: { problem: ProblemName | undefined; most: number },
): Promise<Listed> {
  const { runs, more } = await readBlockedRuns(await context.temporal(), context.system, {
    ...asked,
    reports: () => context.workerReports(),
  })
  if (runs.length === 0) return NO_RUNS
  const rows = runs.map(({ type, identity, workflowId, startedAt, problem }) => [
    type,
    identity ?? workflowId,
    relativeTime(startedAt),
    `${problem.name}, ${relativeTime(problem.since)}`,
  ])
  const text = [table(['OTHER WORKFLOW', 'PERSON', 'STARTED', 'PROBLEM'], rows)]
  return {
    runs,
    text: more ? [...text, `Only the ${runs.length} started last are shown; there are more.`] : text,
  }
}
