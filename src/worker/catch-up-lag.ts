import type { Cursors } from '../adapters/mongo/cursors.ts'
import type { AlertFinding } from '../contracts/alerts.ts'

/** Catch-up runs every minute: what is behind by more is held up. */
const BEHIND_MS = 15 * 60_000

/** How far behind the reading of one tenant's log is. Nothing where it never began: no schedule is there then. */
export async function catchUpLag(tenant: string, cursors: Pick<Cursors, 'load'>): Promise<AlertFinding[]> {
  const { caughtUpAt } = await cursors.load(tenant)
  const lag = caughtUpAt === null ? 0 : Date.now() - caughtUpAt.getTime()
  if (caughtUpAt === null || lag < BEHIND_MS) return []
  const detail = { lag: `${Math.round(lag / 60_000)} minutes` }
  return [{ name: 'catch-up-behind', about: tenant, count: 0, since: caughtUpAt.toISOString(), detail }]
}

/** A part of the log that nobody can read any longer, until an audit has looked at the users themselves. */
export async function logGap(tenant: string, cursors: Pick<Cursors, 'load'>): Promise<AlertFinding[]> {
  const { gap } = await cursors.load(tenant)
  if (gap === null) return []
  const { from, to, noticedAt } = gap
  return [{ name: 'log-gap', about: tenant, count: 0, since: noticedAt, detail: { from, to } }]
}
