import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Of the numbers after the name in `/proc/<pid>/stat`: the state, and the start in clock ticks since the machine's. */
const STATE = 0
const START = 19

/**
 * When a running process began, in its system's own words: of two processes that had one number, it tells which. Null
 * where none of that number runs.
 */
export function processStart(pid: number): string | null {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

function fromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name may hold spaces and brackets
    return fields[STATE] === 'Z' || fields[STATE] === 'X' ? null : (fields[START] ?? null)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return null
    throw error
  }
}

function fromPs(pid: number): string | null {
  const { stdout, error } = spawnSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', TZ: 'UTC' }, // the same words, whoever asks
  })
  if (error !== undefined) throw error
  return stdout.trim() || null
}
