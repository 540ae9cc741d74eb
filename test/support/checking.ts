import { serve } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { atprotoChecks } from '../../src/checks/atproto.ts'
import { openCheckContext } from '../../src/checks/context.ts'
import { runChecks } from '../../src/checks/run-checks.ts'
import type { CheckReport } from '../../src/contracts/checks.ts'
import { catchUpScheduleId } from '../../src/contracts/ids.ts'
import { NEEDED_SCOPES } from '../../src/domain/auth0-scopes.ts'
import { atEnd } from './at-end.ts'
import { openWebhook } from './webhook.ts'
import type { World } from './world.ts'

export type Env = Readonly<Record<string, string>>

/** Our own server on a port of its own, as the world reaches it; returns the environment with its `HOLDFAST_URL`. */
export async function serveWorld(world: World, env: Env = {}): Promise<Env> {
  const { app } = openWebhook(world, env)
  const { port, close } = await new Promise<{ port: number; close: () => void }>((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info: AddressInfo) =>
      resolve({ port: info.port, close: () => server.close() }),
    )
  })
  atEnd(async () => close())
  return { ...world.env, HOLDFAST_URL: `http://127.0.0.1:${port}` }
}

/** A tenant's log stream as it has to be. */
export function pointStream(world: World, env: Env, tenant = 'aesthetic'): string {
  const standIn = world.tenants.get(tenant)
  if (standIn === undefined) throw new Error(`no tenant ${tenant}`)
  return standIn.createStream({
    name: 'holdfast',
    type: 'http',
    sink: {
      httpEndpoint: `${env['HOLDFAST_URL']}/webhooks/auth0/${tenant}`,
      httpAuthorization: env[`AUTH0_${tenant.toUpperCase()}_LOG_TOKEN`] ?? '',
      httpContentFormat: 'JSONLINES',
    },
  }).id
}

/** A schedule under the name of the tenant's catch-up; what it starts does not matter here. */
export async function putSchedule(world: World, tenant = 'aesthetic'): Promise<string> {
  const scheduleId = catchUpScheduleId('atproto', tenant)
  await world.temporal.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '1h' }] },
    action: { type: 'startWorkflow', workflowType: 'catchUp', taskQueue: 'nobody-polls-this', args: [{}] },
  })
  atEnd(() => world.temporal.schedule.getHandle(scheduleId).delete())
  return scheduleId
}

/** What `holdfast check` finds with that environment. */
export async function checked(env: Env): Promise<CheckReport> {
  const context = openCheckContext(env)
  try {
    return await runChecks(atprotoChecks(context))
  } finally {
    await context.close()
  }
}

export const namesOf = (found: readonly { readonly name: string }[]): string[] =>
  [...new Set(found.map(({ name }) => name))].toSorted()

export const scopesNeeded = [...NEEDED_SCOPES.keys()]
