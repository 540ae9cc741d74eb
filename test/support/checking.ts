import { serve } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { atprotoChecks } from '../../src/checks/atproto/all.ts'
import { allChecks } from '../../src/checks/all.ts'
import { openCheckContext } from '../../src/checks/context.ts'
import { runChecks } from '../../src/checks/run-checks.ts'
import { plannedSchedules } from '../../src/client/planned-schedules.ts'
import { createSchedules } from '../../src/client/schedules.ts'
import type { CheckReport } from '../../src/contracts/checks.ts'
import { NEEDED_SCOPES } from '../../src/domain/atproto/auth0-scopes.ts'
import { atEnd } from './at-end.ts'
import { openWebhook } from './webhook.ts'
import type { World } from './world.ts'
import { atproto } from '../../src/systems/atproto.ts'

export type Env = Readonly<Record<string, string>>

/** Starts our own server on its own port, as its public address; returns the environment with its `HOLDFAST_URL`. */
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

/** A correct log stream of a tenant. */
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

/** Creates every required schedule under its own name; the workflows they start do not matter here. */
export async function putSchedules(world: World): Promise<void> {
  const planned = plannedSchedules(
    'atproto',
    [...world.tenants.keys()].map((tenant) => ({ tenant, note: 'its log' })),
  )
  await createSchedules(world.temporal).apply(
    planned.map((one) => ({ ...one, every: '1h', taskQueue: 'nobody-polls-this' })),
  )
  for (const { id } of planned) atEnd(() => world.temporal.schedule.getHandle(id).delete())
}

/** The findings of `holdfast check` with that environment. */
export async function checked(env: Env): Promise<CheckReport> {
  const context = openCheckContext(atproto, env)
  try {
    return await runChecks('atproto', allChecks(context, atprotoChecks))
  } finally {
    await context.close()
  }
}

export const namesOf = (found: readonly { readonly name: string }[]): string[] =>
  [...new Set(found.map(({ name }) => name))].toSorted()

export const scopesNeeded = [...NEEDED_SCOPES.keys()]
