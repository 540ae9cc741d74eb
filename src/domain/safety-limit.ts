const SHARE = 0.05
const LEAST_PER_BACKFILL = 100
const MOST_PER_BACKFILL = 500

/**
 * The number of people one backfill may change, by the number at the providers: it stops a bug that makes all of them
 * look broken.
 */
export function backfillLimit(population: number, asked?: number): number {
  return asked ?? Math.min(MOST_PER_BACKFILL, Math.max(LEAST_PER_BACKFILL, Math.floor(population * SHARE)))
}

/** Actions that Holdfast takes by itself on many people, limited per hour. */
export type LimitedAction = 'deletions' | 'repairs'

const LEAST_PER_HOUR: Record<LimitedAction, number> = { deletions: 20, repairs: 10 }

/**
 * How many people may be deleted, or repaired, in an hour without an operator: `asked` where the configuration gives a
 * number, else 5 % of all people, and at least 20 deletions or 10 repairs.
 */
export function hourlyLimit(kind: LimitedAction, population: number, asked: number | null): number {
  return asked ?? Math.max(LEAST_PER_HOUR[kind], Math.floor(population * SHARE))
}

/**
 * The stores whose counts fell by more than an automatic repair may restore: from the highest count to the present one,
 * without deletions. 5 %, and at least 10.
 */
export function lostRecords(
  most: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
  deletions: number,
): { store: string; before: number; now: number }[] {
  return Object.entries(most)
    .map(([store, before]) => ({ store, before, now: now[store] ?? 0 }))
    .filter((one) => one.before - one.now - deletions > hourlyLimit('repairs', one.before, null))
}
