import * as fc from 'fast-check'
import { plans } from './generate.ts'
import { complaintsAbout } from './check.ts'
import type { Ground } from './ground.ts'
import type { Person } from './people.ts'
import type { Plan } from './plan.ts'
import { play } from './round.ts'
import type { Tally } from './tally.ts'

export interface Failure {
  readonly seed: number
  readonly plan: Plan
  readonly complaints: readonly string[]
  /** `first`: as it failed. Played again on fresh servers it failed too, perhaps made smaller, or did not. */
  readonly seen: 'first' | 'again' | 'smaller' | 'once'
}

/** Plays rounds one after another, on one ground until something went wrong there. */
export interface Lane {
  /** Null when every check held. */
  round(seed: number): Promise<Failure | null>
  /** A smaller plan that fails too, searched for until `until` (milliseconds since the epoch). */
  shrink(failure: Failure, until: number): Promise<Failure>
  /** What did not hold of this very plan. */
  play(plan: Plan): Promise<readonly string[]>
  /** Looks at everybody of every round once more, and ends. What is wrong now came after their round. */
  close(): Promise<readonly string[]>
}

export function createLane(open: () => Promise<Ground>, tally: Tally): Lane {
  let ground: Ground | null = null
  let before: (readonly Person[])[] = []

  async function leave(): Promise<void> {
    const left = ground
    ground = null
    before = []
    if (left === null) return
    tally.faults(left.struck)
    await left.close()
  }

  async function lookBack(): Promise<string[]> {
    const late: string[] = []
    for (const people of before) {
      if (ground !== null) late.push(...(await complaintsAbout(ground, people, { logins: false })))
    }
    return late
  }

  /** What a failed round leaves behind would make the next ones fail. */
  async function playHere(plan: Plan): Promise<readonly string[]> {
    ground ??= await open()
    const played = await play(ground, plan)
    tally.count(plan, played)
    before.push(played.people)
    if (played.complaints.length > 0) await leave()
    return played.complaints
  }

  async function check(seed: number, until: number, endOnFailure: boolean): Promise<Failure | null> {
    let found: { plan: Plan; complaints: readonly string[] } | null = null
    const property = fc.asyncProperty(plans, async (plan) => {
      if (Date.now() > until) return true // no time to shrink further
      const complaints = await playHere(plan)
      if (complaints.length > 0) found = { plan, complaints }
      return complaints.length === 0
    })
    const { numShrinks } = await fc.check(property, { seed, numRuns: 1, endOnFailure })
    return found === null
      ? null
      : {
          ...(found as Omit<Failure, 'seed' | 'seen'>),
          seed,
          seen: endOnFailure ? 'first' : numShrinks > 0 ? 'smaller' : 'again',
        }
  }

  return {
    round: (seed) => check(seed, Number.POSITIVE_INFINITY, true),
    shrink: async (failure, until) =>
      (await check(failure.seed, until, false)) ?? { ...failure, seen: 'once' },
    play: playHere,
    async close() {
      const late = await lookBack()
      await leave()
      return late
    },
  }
}
