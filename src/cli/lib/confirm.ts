import { createInterface } from 'node:readline/promises'
import { printable } from '../../domain/text/printable.ts'
import { UsageError } from '../../errors.ts'

/** Asks at a terminal; without one, `--yes` is required. Any answer except yes counts as no. */
export async function confirm(
  question: string,
  { yes = false, json = false }: { yes?: boolean | undefined; json?: boolean | undefined },
): Promise<boolean> {
  if (yes) return true
  if (json || !process.stdin.isTTY || !process.stderr.isTTY)
    throw new UsageError(`${question} Not a terminal: pass --yes to confirm.`)
  // On standard error, since standard output is for the result.
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${printable(question)} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
