import { createInterface } from 'node:readline/promises'
import { UsageError } from '../entry.ts'

/** Asks at a terminal. Where nobody can be asked, nothing is taken for granted: `--yes` has to be said. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('Nobody can be asked here: say --yes to go ahead.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
