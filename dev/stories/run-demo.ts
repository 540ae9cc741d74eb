import { setTimeout as sleep } from 'node:timers/promises'
import { createSignupReader } from '../../src/client/signup-reader.ts'
import { createSignups } from '../../src/client/signups.ts'
import { lazyTemporal } from '../../src/client/temporal.ts'
import { loadConfig, type Env } from '../../src/config.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'
import { demoFailure, isFinished, signUpDemoPeople, type DemoSetting } from './demo-people.ts'
import { liveTable } from '../table.ts'

const REDRAW_MS = 300
/** The five take seconds; on a busy machine, perhaps a minute. */
const DEMO_MS = 180_000

/** Plays the five and shows them until each has reached the expected end. Returns the deviations. */
export async function runDemo(
  { env, tenant, playground }: { env: Env; tenant: string; playground: DemoSetting },
  end: AbortSignal,
): Promise<string[]> {
  const config = loadConfig(['temporal', 'keys'], env)
  const temporal = lazyTemporal(config)
  const reader = createSignupReader(temporal, 'atproto')
  const { workflowIdOf } = createSignups(temporal, 'atproto', createIdHash(config.keys.id))

  process.stdout.write(`Five people sign up in tenant ${tenant}; four verify their e-mail.\n`)
  const people = await signUpDemoPeople(playground)
  const shown = liveTable()
  const read = (): Promise<Awaited<ReturnType<typeof reader.status>>[]> =>
    Promise.all(people.map(({ identity }) => reader.status(workflowIdOf({ tenant, identity }))))
  const arrived = (statuses: Awaited<ReturnType<typeof read>>): boolean =>
    people.every((person, index) => isFinished(person, statuses[index] ?? null))

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
  return people.flatMap((person, index) => demoFailure(person, statuses[index] ?? null) ?? [])
}
