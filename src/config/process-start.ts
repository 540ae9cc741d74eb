import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Indexes of the fields after the name in `/proc/<pid>/stat`: the state, and the start in clock ticks since the machine
 * started.
 */
const STATE = 0
const START = 19

/**
 * Start time of a running process, in the operating system's own format: it distinguishes two processes that had the
 * same pid. Null where no process has that pid.
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
    env: { LC_ALL: 'C', TZ: 'UTC' }, // the same format in every environment
  })
  if (error !== undefined) throw error
  return stdout.trim() || null
}
