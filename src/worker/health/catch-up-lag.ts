import type { AlertFinding } from '../../contracts/alerts.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import type { Cursors } from '../../state/ports/cursors.ts'

/**
 * The alert where the reading of one tenant's log lags further behind; it runs every minute. None where it never started:
 * then there is no schedule.
 */
export async function catchUpLag(
  tenant: string,
  cursors: Pick<Cursors, 'load'>,
  lagMinutes: number,
): Promise<AlertFinding[]> {
  const { caughtUpAt } = await cursors.load(tenant)
  const lag = caughtUpAt === null ? 0 : Date.now() - caughtUpAt.getTime()
  if (caughtUpAt === null || lag < lagMinutes * 60_000) return []
  const detail = { lag: `${Math.round(lag / 60_000)} minutes` }
  return [{ name: 'catch-up-behind', ...about(tenant), count: 0, since: caughtUpAt.toISOString(), detail }]
}

/**
 * The alert for a part of the log that was deleted before it was read, until an audit has checked the users themselves.
 */
export async function logGap(tenant: string, cursors: Pick<Cursors, 'load'>): Promise<AlertFinding[]> {
  const { gap } = await cursors.load(tenant)
  if (gap === null) return []
  const { from, to, noticedAt } = gap
  return [{ name: 'log-gap', ...about(tenant), count: 0, since: noticedAt, detail: { from, to } }]
}

/** In a system without tenants there is only one catch-up. */
function about(tenant: string): Pick<AlertFinding, 'about'> {
  return tenant === NO_TENANT ? {} : { about: tenant }
}
