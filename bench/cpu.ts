import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/**
 * The processor time that a process has used so far, with all threads, user and system, in milliseconds. Linux only.
 */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000
}

/** The processor time of each given process from now until `stop`, in milliseconds. */
export function cpuMeter<K extends string>(pids: Readonly<Record<K, number>>): { stop(): Record<K, number> } {
  const names = Object.keys(pids) as K[]
  const before = Object.fromEntries(names.map((name) => [name, cpuMs(pids[name])])) as Record<K, number>
  return {
    stop: () =>
      Object.fromEntries(names.map((name) => [name, cpuMs(pids[name]) - before[name]])) as Record<K, number>,
  }
}
