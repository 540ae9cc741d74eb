import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Change } from './types.ts'

export interface Journal {
  append(change: Change): void
  close(): void
}

/**
 * The changes that a former run recorded. A last line that was cut short by a kill is left out, since it never took
 * effect.
 */
export function readJournal(file: string): Change[] {
  if (!existsSync(file)) return []
  const whole = readFileSync(file, 'utf8')
  const lines = whole.slice(0, whole.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => line !== '').map((line): Change => JSON.parse(line))
}

/**
 * Replaces the file, by a rename, with the given state, and appends each later change as one line, which is written
 * before the call returns. A killed process loses nothing that it has acknowledged.
 */
export function openJournal(file: string, state: Iterable<Change>): Journal {
  mkdirSync(dirname(file), { recursive: true })
  const fresh = `${file}.new`
  writeFileSync(fresh, Array.from(state, (change) => `${JSON.stringify(change)}\n`).join(''), { mode: 0o600 })
  renameSync(fresh, file)
  const handle = openSync(file, 'a')
  return {
    append: (change) => {
      writeSync(handle, `${JSON.stringify(change)}\n`)
    },
    close: () => closeSync(handle),
  }
}
