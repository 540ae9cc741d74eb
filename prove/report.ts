import { machineLine } from '../bench/machine.ts'
import type { Failure } from './lane.ts'
import type { Tally } from './tally.ts'

/** The seed, what a run covered, and whether every check held. */
export function report(options: { seed: number; began: number; tally: Tally; held: boolean }): string {
  const { seed, began, tally, held } = options
  const minutes = (Date.now() - began) / 60_000
  return [
    machineLine(),
    `seeds ${seed} to ${seed + Math.max(0, tally.rounds - 1)}: ${tally.rounds} rounds in ${minutes.toFixed(1)} minutes`,
    ...tally.lines(),
    held ? 'Every check held.' : 'Not every check held.',
  ].join('\n')
}

const PLAYED: Readonly<Record<Failure['seen'], string>> = {
  first: 'Its plan:',
  again: 'Its plan, which failed again on fresh servers:',
  smaller: 'The smallest plan found that fails too:',
  once: 'Its plan, which did not fail again on fresh servers:',
}

/** What an engineer needs to see it again. */
export function failureText({ seed, plan, complaints, seen }: Failure): string {
  return [
    `FAILED, seed ${seed}:`,
    ...complaints.map((one) => `  ${one}`),
    PLAYED[seen],
    JSON.stringify(plan),
    `Again: npm run prove -- --seed ${seed} --rounds 1, or keep the plan in a file and say --plan <file>`,
  ].join('\n')
}
