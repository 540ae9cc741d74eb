import * as fc from 'fast-check'
import { plans } from './generate.ts'
import { findViolations } from './check.ts'
import { findWrongTotals } from './check-totals.ts'
import type { Testbed } from './testbed.ts'
import type { Person } from './people.ts'
import type { Plan } from './plan.ts'
import { playPlan } from './round.ts'
import type { Counters } from './counters.ts'

export interface Failure {
  readonly seed: number
  readonly plan: Plan
  readonly violations: readonly string[]
  /**
   * `first`: the plan as it failed. Replayed on new servers: `again` if it failed too, `smaller` if a smaller one
   * failed, `once` if it did not fail.
   */
  readonly reproduced: 'first' | 'again' | 'smaller' | 'once'
}

/** Plays rounds in sequence, on one testbed until a round fails there. */
export interface Runner {
  /** Null when every check held. */
  round(seed: number): Promise<Failure | null>
  /** A smaller plan that fails too, searched for until `until` (milliseconds since the epoch). */
  shrink(failure: Failure, until: number): Promise<Failure>
  /** The checks that this plan fails. */
  play(plan: Plan): Promise<readonly string[]>
  /**
   * Checks everybody of every round once more, and the totals of all rounds, and closes the testbed. Violations found now arose after their round.
   */
  close(): Promise<readonly string[]>
}

export function createRunner(open: () => Promise<Testbed>, tally: Counters): Runner {
  let testbed: Testbed | null = null
  let before: (readonly Person[])[] = []
  let plansPlayed: Plan[] = []

  async function leave(): Promise<void> {
    const left = testbed
    testbed = null
    before = []
    plansPlayed = []
    if (left === null) return
    tally.faults(left.faultCounts)
    await left.close()
  }

  async function recheckEarlierRounds(): Promise<string[]> {
    const late: string[] = []
    for (const people of before) {
      if (testbed !== null) late.push(...(await findViolations(testbed, people, { logins: false })))
    }
    if (testbed !== null) late.push(...(await findWrongTotals(testbed, before.flat(), plansPlayed)))
    return late
  }

  /** A failed round closes its testbed, whose remains would make the next rounds fail. */
  async function playHere(plan: Plan): Promise<readonly string[]> {
    testbed ??= await open()
    const played = await playPlan(testbed, plan)
    tally.count(plan, played)
    before.push(played.people)
    plansPlayed.push(plan)
    if (played.violations.length > 0) await leave()
    return played.violations
  }

  async function check(seed: number, until: number, endOnFailure: boolean): Promise<Failure | null> {
    let found: Pick<Failure, 'plan' | 'violations'> | null = null
    const property = fc.asyncProperty(plans, async (plan) => {
      if (Date.now() > until) return true // no time to shrink further
      const violations = await playHere(plan)
      if (violations.length > 0) found = { plan, violations }
      return violations.length === 0
    })
    const { numShrinks } = await fc.check(property, { seed, numRuns: 1, endOnFailure })
    return found === null
      ? null
      : {
          ...(found as Pick<Failure, 'plan' | 'violations'>),
          seed,
          reproduced: endOnFailure ? 'first' : numShrinks > 0 ? 'smaller' : 'again',
        }
  }

  return {
    round: (seed) => check(seed, Number.POSITIVE_INFINITY, true),
    shrink: async (failure, until) =>
      (await check(failure.seed, until, false)) ?? { ...failure, reproduced: 'once' },
    play: playHere,
    async close() {
      const late = await recheckEarlierRounds()
      await leave()
      return late
    },
  }
}
