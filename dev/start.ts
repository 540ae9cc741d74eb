import { dirname } from 'node:path'
import { shellEnv } from '../src/config.ts'
import { whenAborted, onParentExit } from './end-signals.ts'
import { printAlerts } from './alerts.ts'
import { applySchedules } from './apply-schedules.ts'
import { runDemo } from './stories/run-demo.ts'
import { claimEnv, publishEnv, withdrawEnv } from './env-file.ts'
import { createFormerCodeIndex, standInDemoTenant } from './stories/demo-people.ts'
import { seedStoryBefore } from './stories/story-before.ts'
import { superviseStack } from './supervise-stack.ts'
import { readDevOptions, type DevOptions } from './options.ts'
import { serveFromEnv } from './outside.ts'
import { terminalProgress } from './servers/lib/progress.ts'
import { startStack, type Stack } from './servers/atproto-stack.ts'
import { runEntry } from '../src/entry.ts'
import { EXIT } from '../src/errors.ts'

/** Two Auth0 tenants that share one database, as in production; the five sign up in the first. */
const TENANTS = ['aesthetic', 'sotce'] as const
const PLAYED_IN = 'aesthetic'

/** Entry: `npm start`. Runs everything on its own servers, until Ctrl-C. */
await runEntry(async () => {
  const options = readDevOptions(process.argv.slice(2))
  if (options === null) return EXIT.done

  /** Its reason is the exit code. */
  const end = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => end.abort(EXIT.done))
  // npm does not pass on the signal that ends it.
  if (shellEnv()['npm_lifecycle_event'] !== undefined) onParentExit(() => end.abort(EXIT.done))
  if (options.useEnv) return serveFromEnv(options, end)
  const claimed = await claimEnv()
  const alerts = await printAlerts()
  try {
    const stack = await Promise.race([startedStack(options, alerts.url), whenAborted(end.signal)])
    if (stack === null) {
      await withdrawEnv()
      // Processes that are still starting end with this process.
      process.exit(EXIT.interrupted)
    }
    const kept = superviseStack(
      [stack.worker, stack.server],
      [stack.temporal, stack.mongo, stack.plc, stack.pds],
    )
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
    await alerts.close()
  }
})

function startedStack({ data }: DevOptions, alertUrl: string): Promise<Stack> {
  const shell = shellEnv()
  return startStack({
    progress: terminalProgress(),
    dataDir: data,
    tenants: TENANTS,
    pds: { inviteRequired: true },
    env: { HOLDFAST_ALERT_URL: alertUrl },
    programs: { temporal: shell['HOLDFAST_TEMPORAL_BIN'], mongod: shell['HOLDFAST_MONGOD_BIN'] },
  })
}

/** Shows the running stack and keeps it up until it is stopped. Returns the exit code. */
async function serve(
  stack: Stack,
  options: DevOptions,
  { claimed, end }: { claimed: boolean; end: AbortSignal },
): Promise<number> {
  // The catch-up would find the five of that story in the lists of users and repair them before the user could look.
  if (options.story !== 'before') await applySchedules(stack.env)
  if (claimed) await publishEnv(stack.env)
  const complaints = await begin(stack, options, end)
  for (const line of complaints) process.stderr.write(`${line}\n`)
  if (end.reason === EXIT.failed) return EXIT.failed
  sayAddresses(stack, claimed)
  if (options.exit === true) return complaints.length === 0 ? EXIT.done : EXIT.failed
  process.stdout.write('\nCtrl-C stops everything.\n')
  await whenAborted(end)
  return Number(end.reason)
}

/** Plays the requested story; returns the deviations from the expected outcome. */
async function begin(stack: Stack, { story, demo }: DevOptions, end: AbortSignal): Promise<string[]> {
  if (story === 'before') process.stdout.write(await seedStoryBefore(stack))
  else if (demo) {
    const tenant = stack.auth0.get(PLAYED_IN)
    if (tenant === undefined)
      throw new Error(`the tenant ${PLAYED_IN}, in which the demonstration runs, is missing`)
    await createFormerCodeIndex(stack.mongo)
    const playground = { mongo: stack.mongo, demoTenant: standInDemoTenant(tenant), idPrefix: '' }
    return runDemo({ env: stack.env, tenant: PLAYED_IN, playground }, end)
  }
  return []
}

function sayAddresses({ env, temporal, pds, worker }: Stack, published: boolean): void {
  const lines = [
    ['Temporal UI', `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows`],
    ['PDS', pds.url],
    ...TENANTS.flatMap((tenant) => [
      [`Auth0 ${tenant}`, `${env[`AUTH0_${tenant.toUpperCase()}_DOMAIN`]} (a stand-in)`],
      ['  webhook', `${env['HOLDFAST_URL']}/webhooks/auth0/${tenant}`],
    ]),
    ['Operators', `${env['OPERATOR_URL']} (bearer token: HOLDFAST_OPERATOR_TOKEN in .holdfast/env)`],
    ['Logs', dirname(worker.logFile)],
  ]
  const hint = published
    ? 'Commands in this checkout use these servers: npx holdfast list atproto\nTo see everything about one person: npx holdfast why atproto cyra@example.com'
    : 'Another `npm start` is running in this checkout; commands continue to use its servers.'
  process.stdout.write(
    `\n${lines.map(([name, url]) => `${(name ?? '').padEnd(16)} ${url}`).join('\n')}\n\n${hint}\n`,
  )
}
