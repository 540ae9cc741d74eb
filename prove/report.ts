import { machineLine } from '../bench/machine.ts'
import type { Failure } from './runner.ts'
import type { Counters } from './counters.ts'

/** The seed, the coverage of the run, and whether every check held. */
export function report(options: { seed: number; began: number; tally: Counters; held: boolean }): string {
  const { seed, began, tally, held } = options
  const minutes = (Date.now() - began) / 60_000
  return [
    machineLine(),
    `seeds ${seed} to ${seed + Math.max(0, tally.rounds - 1)}: ${tally.rounds} rounds in ${minutes.toFixed(1)} minutes`,
    ...tally.lines(),
    held ? 'Every check held.' : 'Not every check held.',
  ].join('\n')
}

const PLAYED: Readonly<Record<Failure['reproduced'], string>> = {
  first: 'Its plan:',
  again: 'Its plan, which failed again on fresh servers:',
  smaller: 'The smallest plan found that fails too:',
  once: 'Its plan, which did not fail again on fresh servers:',
}

/** The data with which an engineer can reproduce it. */
export function failureText({ seed, plan, violations, reproduced }: Failure): string {
  return [
    `FAILED, seed ${seed}:`,
    ...violations.map((one) => `  ${one}`),
    PLAYED[reproduced],
    JSON.stringify(plan),
    `Again: npm run prove -- --seed ${seed} --rounds 1, or keep the plan in a file and say --plan <file>`,
  ].join('\n')
}
