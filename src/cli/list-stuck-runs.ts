import { readStuckRuns, type StuckRun } from '../client/stuck-runs.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { CommandContext } from './context.ts'
import { ago, table } from './print.ts'

interface Listed {
  readonly runs: readonly StuckRun[]
  /** What follows the signups; nothing where there are no such runs. */
  readonly text: readonly string[]
}

export const NO_RUNS: Listed = { runs: [], text: [] }

/** What stands still beside the signups: deletions, handles that should follow, the watch of handles, large deliveries. */
export async function listStuckRuns(
  context: CommandContext,
  asked: { problem: ProblemName | undefined; most: number },
): Promise<Listed> {
  const { runs, more } = await readStuckRuns(await context.temporal(), asked)
  if (runs.length === 0) return NO_RUNS
  const rows = runs.map(({ type, identity, workflowId, startedAt, problem }) => [
    type,
    identity ?? workflowId,
    ago(startedAt),
    `${problem.name}, ${ago(problem.since)}`,
  ])
  const text = [table(['NO SIGNUP', 'WHOSE', 'BEGAN', 'PROBLEM'], rows)]
  return {
    runs,
    text: more ? [...text, `These are the ${runs.length} that began last; there are more.`] : text,
  }
}
