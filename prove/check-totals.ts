import { signupsOf, queryText, visibility } from '../src/client/visibility.ts'
import { sumTotals } from '../src/domain/totals.ts'
import { createTotals } from '../src/state/mongo/totals.ts'
import type { Person } from './people.ts'
import type { Plan } from './plan.ts'
import type { Testbed } from './testbed.ts'

const DAY_MS = 24 * 3_600_000

/** The events that the proof knows happened on one testbed. */
export interface KnownSignups {
  /** Everybody who ever signed up; a person who signed up again after a deletion is there twice. */
  readonly people: number
  /** Signups at Temporal whose newest run ended as completed. */
  readonly completed: number
  /** Runs of signups at Temporal. A deletion removes those of the person. */
  readonly runs: number
  readonly anybodyDeleted: boolean
  /** A count may be lost where a worker dies while the database is away: it was only in memory. */
  readonly mayLoseCounts: boolean
}

/** Compares the durable totals of a testbed with what the proof knows; an empty list means that they agree. */
export async function findWrongTotals(
  testbed: Testbed,
  people: readonly Person[],
  plans: readonly Plan[],
): Promise<string[]> {
  const now = new Date()
  const period = { from: new Date(now.getTime() - 2 * DAY_MS), to: now }
  const sums = sumTotals(await createTotals(testbed.db, 'atproto').list('day', period))
  const alive = people.filter(({ deleted }) => !deleted)
  const stages = await Promise.all(
    alive.map(async ({ workflowId }) => (await testbed.reader.status(workflowId))?.stage),
  )
  const { count: runs } = await testbed.temporal.workflow.count(
    queryText(visibility`${signupsOf('atproto')}`),
  )
  return wrongTotals(sums, {
    people: people.length,
    completed: stages.filter((stage) => stage === 'completed').length,
    runs,
    anybodyDeleted: alive.length < people.length,
    mayLoseCounts: plans.some(mayLoseCounts),
  })
}

/** A count that is too low was lost, one that is too high was counted twice. */
export function wrongTotals(
  { begun, ended, times }: Pick<ReturnType<typeof sumTotals>, 'begun' | 'ended' | 'times'>,
  known: KnownSignups,
): string[] {
  const timed = Object.values(times).reduce((sum, count) => sum + count, 0)
  const completed = ended['completed'] ?? 0
  const wrong: string[] = []
  if (timed > known.people) wrong.push(`the totals have ${timed} first completions of ${known.people} people`)
  if (!known.mayLoseCounts && completed < known.completed)
    wrong.push(`the totals have ${completed} completed signups, ${known.completed} people have completed`)
  if (!known.anybodyDeleted)
    for (const [what, counted] of [
      ['begun', begun],
      ['completed', completed],
    ] as const)
      if (counted > known.runs) wrong.push(`the totals have ${counted} ${what} signups of ${known.runs} runs`)
  return wrong
}

function mayLoseCounts({ story, faults }: Plan): boolean {
  const struck = [
    ...faults.map(({ what }) => what),
    ...story.map((one) => (one.does === 'outage' ? one.what : '')),
  ]
  return struck.some((what) => what.startsWith('mongo')) && struck.some((what) => what.startsWith('worker'))
}
