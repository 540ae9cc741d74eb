const SHARE = 0.05
const AT_LEAST = 100
const AT_MOST = 500

/** How many people one backfill may change, of everybody at the providers: a bug that makes all look broken stops here. */
export function changeLimit(population: number, asked?: number): number {
  return asked ?? Math.min(AT_MOST, Math.max(AT_LEAST, Math.floor(population * SHARE)))
}
