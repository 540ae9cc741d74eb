import { readFileSync } from 'node:fs'

const KIB_PER_MIB = 1_024

/** The present memory of a process, in MiB. Linux only. */
export function rssMib(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / KIB_PER_MIB
}

/** Samples the memory of some processes every second until `stop`, which returns the maximum of each. */
export function memoryMeter<K extends string>(
  pids: Readonly<Record<K, number>>,
): { stop(): Record<K, number> } {
  const names = Object.keys(pids) as K[]
  const read = (): Record<K, number> =>
    Object.fromEntries(names.map((name) => [name, rssMib(pids[name])])) as Record<K, number>
  let most = read()
  const look = (): void => {
    const now = read()
    most = Object.fromEntries(names.map((name) => [name, Math.max(most[name], now[name])])) as Record<
      K,
      number
    >
  }
  const timer = setInterval(look, 1_000)
  return {
    stop() {
      clearInterval(timer)
      look()
      return most
    },
  }
}
