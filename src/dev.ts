import { setTimeout as sleep } from 'node:timers/promises'
import { createSchedules, plannedSchedules } from './client/schedules.ts'
import { createSignupReader } from './client/signup-reader.ts'
import { createSignups } from './client/signups.ts'
import { lazyTemporal } from './client/temporal.ts'
import { loadConfig, shellEnv } from './config.ts'
import { createIdHash } from './crypto/keyring.ts'
import { claimEnv, publishEnv, withdrawEnv } from './dev/env-file.ts'
import { complaint, hasArrived, playFive, type PlayedPerson } from './dev/five.ts'
import { leaveBefore } from './dev/before.ts'
import { keepStack } from './dev/keep.ts'
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

  /** Its reason is the exit code. */
  const end = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => end.abort(EXIT.done))
  const claimed = await claimEnv()
  try {
    const stack = await Promise.race([startedStack(options), aborted(end.signal)])
    if (stack === null) {
      await withdrawEnv()
      // Whatever was on its way up ends with this process.
      process.exit(EXIT.interrupted)
    }
    const kept = keepStack(stack)
    void kept.givenUp.then(() => end.abort(EXIT.failed))
    try {
      return await serve(stack, options, { claimed, end: end.signal })
    } finally {
      await withdrawEnv()
      process.stdout.write('Stopping …\n')
      await kept.stop()
      await stack.stop()
    }
  } finally {
    await withdrawEnv()
  }
})

function startedStack({ data }: DevOptions): Promise<Stack> {
  const shell = shellEnv()
  return startStack({
    progress: terminalProgress(),
    dataDir: data,
    tenants: TENANTS,
    programs: { temporal: shell['HOLDFAST_TEMPORAL_BIN'], mongod: shell['HOLDFAST_MONGOD_BIN'] },
  })
}

/** Everything runs: shows it, and lets it be used until the end. Returns the exit code. */
async function serve(
  stack: Stack,
  options: DevOptions,
  { claimed, end }: { claimed: boolean; end: AbortSignal },
): Promise<number> {
  // The catch-up would find the five of that story in the lists of users and repair them before anybody looked.
  if (options.story !== 'before') await applySchedules(stack)
  if (claimed) await publishEnv(stack.env)
  const complaints = await begin(stack, options, end)
  for (const line of complaints) process.stderr.write(`${line}\n`)
  if (end.reason === EXIT.failed) return EXIT.failed
  sayAddresses(stack, claimed)
  if (options.exit === true) return complaints.length === 0 ? EXIT.done : EXIT.failed
  process.stdout.write('\nCtrl-C ends everything.\n')
  await aborted(end)
  return Number(end.reason)
}

/** Plays what was asked for; returns what did not go as it should. */
async function begin(stack: Stack, { story, demo }: DevOptions, end: AbortSignal): Promise<string[]> {
  if (story === 'before') process.stdout.write(await leaveBefore(stack))
  else if (demo) return demonstrate(stack, end)
  return []
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

/** What a deployment does once: `holdfast schedules atproto apply`. */
async function applySchedules({ env }: Stack): Promise<void> {
  const config = loadConfig(['temporal', 'keys', 'tenantNames'], env)
  const temporal = lazyTemporal(config)
  await createSchedules(temporal).apply(plannedSchedules('atproto', config.tenantNames))
  await temporal.connection.close()
}

/** Plays the five and shows them until each has arrived. Returns what is not as it should be. */
async function demonstrate(stack: Stack, end: AbortSignal): Promise<string[]> {
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

  const until = Date.now() + DEMO_MS
  let statuses = await read()
  while (!arrived(statuses) && !end.aborted && Date.now() < until) {
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
