import { createInterface } from 'node:readline/promises'
import { UsageError } from '../entry.ts'

/** Asks at a terminal; where there is none, `--yes` has to have been said. Answers that are not yes are no. */
export async function confirmed(
  question: string,
  { yes = false, json = false }: { yes?: boolean | undefined; json?: boolean | undefined },
): Promise<boolean> {
  if (yes) return true
  if (json || !process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`${question} Nobody is here to ask: say --yes.`)
  // On standard error: standard output is the answer's.
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
