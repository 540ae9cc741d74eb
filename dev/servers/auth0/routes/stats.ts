import { z } from 'zod'
import type { Tenant } from '../tenant.ts'
import type { App } from '../web.ts'
import { authorized, newApp, readQuery } from '../web.ts'

const dayName = z
  .string()
  .regex(/^\d{8}$/)
  .optional()
const range = z.object({ from: dayName, to: dayName })
const counted: Record<string, 'signups' | 'logins'> = { ss: 'signups', s: 'logins' }

/** Signups and logins per day, counted from the logs still kept. */
export function statsRoutes(tenant: Tenant): App {
  const app = newApp()
  app.get('/stats/daily', authorized(tenant, 'other', 'read:stats'), (c) => {
    const { from = '00000000', to = '99999999' } = readQuery(c, range)
    const days = new Map<string, { signups: number; logins: number }>()
    for (const { date, type } of tenant.logs.all()) {
      const day = date.slice(0, 10)
      const name = day.replaceAll('-', '')
      const kind = counted[type]
      if (kind === undefined || name < from || name > to) continue
      const totals = days.get(day) ?? { signups: 0, logins: 0 }
      totals[kind] += 1
      days.set(day, totals)
    }
    const answer = Array.from(days, ([day, { signups, logins }]) => {
      const date = `${day}T00:00:00.000Z`
      return { date, logins, signups, leaked_passwords: 0, updated_at: date, created_at: date }
    })
    return c.json(answer)
  })
  return app
}
