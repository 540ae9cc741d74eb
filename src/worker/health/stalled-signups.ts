import type { Client } from '@temporalio/client'
import { failingRuns, type FailingRun } from '../../client/failing-runs.ts'
import type { AlertFinding } from '../../contracts/alerts.ts'
import type { System } from '../../contracts/systems.ts'
import { workflowsOf } from '../../contracts/vocabulary.ts'

/**
 * The alerts for workflows that neither proceed nor report why, because their own workflow task fails: signups as one
 * alert, every other type as another. A signup that waits (for a rate limit, a deletion, a pause) has no task that
 * fails.
 */
export async function stalledSignups(
  client: Client,
  system: System,
  now = new Date(),
): Promise<AlertFinding[]> {
  const failing = await failingRuns(client, system, now)
  const isSignup = ({ type }: FailingRun): boolean => type === workflowsOf(system).signup
  return [
    ...alertOf('signups-stalled', failing.filter(isSignup)),
    ...alertOf(
      'workflows-failing',
      failing.filter((run) => !isSignup(run)),
    ),
  ]
}

function alertOf(name: 'signups-stalled' | 'workflows-failing', runs: readonly FailingRun[]): AlertFinding[] {
  const oldest = runs.toSorted((a, b) => a.since.getTime() - b.since.getTime())[0]
  if (oldest === undefined) return []
  const types = [...Map.groupBy(runs, ({ type }) => type)].map(([type, { length }]) => `${type} ${length}`)
  return [
    {
      name,
      count: runs.length,
      since: oldest.since.toISOString(),
      detail: { types: types.join(', ') },
    },
  ]
}
