import { setTimeout as sleep } from 'node:timers/promises'
import { createSchedules, plannedSchedules } from './client/schedules.ts'
import { createSignupReader } from './client/signup-reader.ts'
import { createSignups } from './client/signups.ts'
import { lazyTemporal } from './client/temporal.ts'
import { loadConfig, shellEnv } from './config.ts'
import { createIdHash } from './crypto/keyring.ts'
import { publishEnv, withdrawEnv } from './dev/env-file.ts'
import { complaint, hasArrived, playFive, type PlayedPerson } from './dev/five.ts'
import { leaveBefore } from './dev/before.ts'
import { readDevOptions, type DevOptions } from './dev/options.ts'
import { liveTable } from './dev/table.ts'
import { terminalProgress } from './embedded/progress.ts'
import { startStack, type Stack } from './embedded/stack.ts'
import { EXIT, runEntry } from './entry.ts'

/** Two Auth0 tenants over one database, as in production; the five sign up in the first. */
const TENANTS = ['aesthetic', 'sotce'] as const
const REDRAW_MS = 300
/** The five take seconds; on a machine that is busy with other things, perhaps a minute. */
const DEMO_MS = 180_000

/** Entry: `npm start`. Everything on servers of its own, until Ctrl-C. */
await runEntry(async () => {
  const options = readDevOptions(process.argv.slice(2))
  if (options === null) return EXIT.done

  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const shell = shellEnv()
  const starting = startStack({
    progress: terminalProgress(),
    dataDir: options.data,
    tenants: TENANTS,
    programs: { temporal: shell['HOLDFAST_TEMPORAL_BIN'], mongod: shell['HOLDFAST_MONGOD_BIN'] },
  })
  const stack = await Promise.race([starting, interrupted.then(() => null)])
  // Whatever was on its way up ends with this process.
  if (stack === null) process.exit(EXIT.interrupted)
  try {
    // The catch-up would find the five of that story in the lists of users and repair them before anybody looked.
    if (options.story !== 'before') await applySchedules(stack)
    const published = await publishEnv(stack.env)
    try {
      const complaints = await begin(stack, options, interrupted)
      for (const line of complaints) process.stderr.write(`${line}\n`)
      sayAddresses(stack, published)
      if (options.exit === true) return complaints.length === 0 ? EXIT.done : EXIT.failed
      process.stdout.write('\nCtrl-C ends everything.\n')
      await interrupted
      return EXIT.done
    } finally {
      if (published) await withdrawEnv()
    }
  } finally {
    process.stdout.write('Stopping …\n')
    await stack.stop()
  }
})

/** Plays what was asked for; returns what did not go as it should. */
async function begin(
  stack: Stack,
  { story, demo }: DevOptions,
  interrupted: Promise<void>,
): Promise<string[]> {
  if (story === 'before') process.stdout.write(await leaveBefore(stack))
  else if (demo) return demonstrate(stack, interrupted)
  return []
}

/** What a deployment does once: `holdfast schedules atproto apply`. */
async function applySchedules({ env }: Stack): Promise<void> {
  const config = loadConfig(['temporal', 'keys', 'tenantNames'], env)
  const temporal = lazyTemporal(config)
  await createSchedules(temporal).apply(plannedSchedules('atproto', config.tenantNames))
  await temporal.connection.close()
}

/** Plays the five and shows them until each has arrived. Returns what is not as it should be. */
async function demonstrate(stack: Stack, interrupted: Promise<void>): Promise<string[]> {
  const config = loadConfig(['temporal', 'keys'], stack.env)
  const temporal = lazyTemporal(config)
  const reader = createSignupReader(temporal)
  const { idOf } = createSignups(temporal, createIdHash(config.keys.id))
  const tenant = stack.auth0.get('aesthetic')
  if (tenant === undefined) throw new Error('no tenant aesthetic to play in')

  process.stdout.write('Five people sign up in tenant aesthetic; four verify their e-mail.\n')
  const people = await playFive(stack, tenant)
  const shown = liveTable()
  const read = (): Promise<Awaited<ReturnType<typeof reader.status>>[]> =>
    Promise.all(people.map(({ identity }) => reader.status(idOf({ tenant: tenant.tenant, identity }))))
  const arrived = (statuses: Awaited<ReturnType<typeof read>>): boolean =>
    people.every((person: PlayedPerson, index) => hasArrived(person, statuses[index] ?? null))

  let stopped = false
  void interrupted.then(() => (stopped = true))
  const until = Date.now() + DEMO_MS
  let statuses = await read()
  while (!arrived(statuses) && !stopped && Date.now() < until) {
    shown.show(people, statuses)
    await sleep(REDRAW_MS)
    statuses = await read()
  }
  shown.show(people, statuses)
  shown.done()
  await temporal.connection.close()
  return people.flatMap((person, index) => complaint(person, statuses[index] ?? null) ?? [])
}

function sayAddresses({ env, temporal, pds }: Stack, published: boolean): void {
  const lines = [
    ['Temporal UI', `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`],
    ['PDS', pds.url],
    ...TENANTS.map((tenant) => ['Webhook', `${env['HOLDFAST_URL']}/webhooks/auth0/${tenant}`]),
  ]
  const hint = published
    ? 'Commands run in this checkout use these servers: npx holdfast list atproto'
    : 'Another `npm start` runs in this checkout; commands go on using its servers.'
  process.stdout.write(
    `\n${lines.map(([name, url]) => `${(name ?? '').padEnd(12)} ${url}`).join('\n')}\n\n${hint}\n`,
  )
}
