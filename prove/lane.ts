import * as fc from 'fast-check'
import { plans } from './generate.ts'
import type { Ground } from './ground.ts'
import type { Plan } from './plan.ts'
import { play } from './round.ts'
import type { Tally } from './tally.ts'

export interface Failure {
  readonly seed: number
  readonly plan: Plan
  readonly complaints: readonly string[]
  /** Whether the plan is smaller than the seed's own. */
  readonly shrunk: boolean
}

/** Plays rounds one after another, on one ground until something went wrong there. */
export interface Lane {
  /** Null when every check held. */
  round(seed: number): Promise<Failure | null>
  /** A smaller plan that fails too, searched for until `until` (milliseconds since the epoch). */
  shrink(failure: Failure, until: number): Promise<Failure>
  /** What did not hold of this very plan. */
  play(plan: Plan): Promise<readonly string[]>
  close(): Promise<void>
}

export function createLane(open: () => Promise<Ground>, tally: Tally): Lane {
  let ground: Ground | null = null

  async function close(): Promise<void> {
    if (ground === null) return
    const closing = ground
    ground = null
    tally.faults(closing.struck)
    await closing.close()
  }

  /** What a failed round leaves behind would make the next ones fail. */
  async function playHere(plan: Plan): Promise<readonly string[]> {
    ground ??= await open()
    const played = await play(ground, plan)
    tally.count(plan, played)
    if (played.complaints.length > 0) await close()
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
      : { ...(found as Omit<Failure, 'seed' | 'shrunk'>), seed, shrunk: numShrinks > 0 }
  }

  return {
    round: (seed) => check(seed, Number.POSITIVE_INFINITY, true),
    shrink: async (failure, until) => (await check(failure.seed, until, false)) ?? failure,
    play: playHere,
    close,
  }
}
