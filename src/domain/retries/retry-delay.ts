const FIRST_MS = 10_000
const LONGEST_MS = 15 * 60_000

/**
 * Milliseconds to wait before the next round of attempts: ten seconds, doubling, at most fifteen minutes, with a jitter
 * of up to a fifth so that many signups that wait for one dependency do not retry at the same moment. `random` is from
 * 0 up to 1.
 */
export function retryDelay(rounds: number, random: number): number {
  const grown = Math.min(FIRST_MS * 2 ** (rounds - 1), LONGEST_MS)
  return Math.round(grown * (1 - random / 5))
}
