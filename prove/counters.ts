import type { RoundResult } from './round.ts'
import type { Plan } from './plan.ts'

/** The coverage of a run. */
export interface Counters {
  count(plan: Plan, played: Pick<RoundResult, 'people'>): void
  /** Adds the faults that occurred on one testbed. */
  faults(struck: ReadonlyMap<string, number>): void
  readonly rounds: number
  lines(): string[]
}

export function createCounters(): Counters {
  const people = new Map<string, number>()
  const steps = new Map<string, number>()
  const struck = new Map<string, number>()
  let rounds = 0
  const add = (to: Map<string, number>, what: string, n = 1): void =>
    void to.set(what, (to.get(what) ?? 0) + n)
  const line = (title: string, counts: ReadonlyMap<string, number>): string => {
    const total = [...counts.values()].reduce((sum, n) => sum + n, 0)
    const parts = [...counts].toSorted(([, a], [, b]) => b - a).map(([what, n]) => `${what} ${n}`)
    return `${title.padEnd(8)} ${String(total).padStart(5)}  ${parts.join(' · ')}`
  }
  return {
    get rounds() {
      return rounds
    },
    count({ people: planned, story }, played) {
      rounds += 1
      for (const { via } of planned) if (via === 'hostile id') add(struck, via)
      for (const { tenant } of played.people) add(people, tenant)
      for (const step of story) add(steps, step.does === 'disturb stream' ? `stream: ${step.how}` : step.does)
    },
    faults(counts) {
      for (const [what, n] of counts) add(struck, what, n)
    },
    lines: () => [line('people', people), line('steps', steps), line('faults', struck)],
  }
}
