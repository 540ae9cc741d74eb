import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, SignupError } from './errors.ts'
import { authenticationRoutes } from './routes/authentication.ts'
import { faultRoutes } from './routes/faults.ts'
import { jobRoutes } from './routes/jobs.ts'
import { logRoutes } from './routes/logs.ts'
import { logStreamRoutes } from './routes/log-streams.ts'
import { statsRoutes } from './routes/stats.ts'
import { userRoutes } from './routes/users.ts'
import type { Tenant } from './tenant.ts'
import type { App } from './web.ts'
import { newApp } from './web.ts'

/** All routes of the stand-in, for the state of one tenant. */
export function createAuth0App(tenant: Tenant): App {
  const app = newApp()

  app.use(async (c, next) => {
    const { pathname } = new URL(c.req.url)
    if (pathname.startsWith('/_')) return next()
    const slow = tenant.faults.takeForCall('slowAnswers', c.req.method, pathname)
    if (slow) await sleep(slow.ms)
    await next()
    if (!tenant.faults.takeForCall('lostAnswers', c.req.method, pathname)) return undefined
    c.env.incoming.socket.destroy()
    c.res = RESPONSE_ALREADY_SENT
    return undefined
  })

  app.route('/', authenticationRoutes(tenant))
  app.route('/', faultRoutes(tenant))
  app.route('/', jobRoutes(tenant))
  app.route('/api/v2', userRoutes(tenant))
  app.route('/api/v2', logRoutes(tenant))
  app.route('/api/v2', logStreamRoutes(tenant))
  app.route('/api/v2', statsRoutes(tenant))

  app.notFound((c) => c.json(new ApiError(404, 'Not Found').body, 404))
  app.onError((error, c) => {
    if (error instanceof ApiError) return c.json(error.body, error.status)
    if (error instanceof SignupError) return c.json(error.body, 400)
    return c.json(new ApiError(500, error.message).body, 500)
  })
  return app
}
