import { beforeAll, describe, expect, it } from 'vitest'
import { openCheckContext } from '../../../src/checks/context.ts'
import { probe } from '../../../src/checks/atproto/probe.ts'
import { PROBE_STEPS, type CheckReport, type ProbeReport } from '../../../src/contracts/checks.ts'
import { PROBE_SCOPES } from '../../../src/domain/atproto/auth0-scopes.ts'
import { isProbe } from '../../../src/domain/atproto/probe.ts'
import { startAuth0 } from '../../../dev/servers/auth0/server.ts'
import { textOf } from '../../deploy/files.ts'
import { atEnd } from '../../support/at-end.ts'
import { pointStream, putSchedules, scopesNeeded, serveWorld, type Env } from '../../support/checking.ts'
import { jsonOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { startSignup, expectComplete } from '../../support/people.ts'
import { collections, openWorld, type World } from '../../support/world.ts'
import { atproto } from '../../../src/systems/atproto.ts'
import { atprotoContext } from '../../../src/checks/atproto/context.ts'

let world: World
let env: Env
let streamId = ''
beforeAll(async () => {
  world = await openWorld({ auth0Scopes: [...scopesNeeded, ...PROBE_SCOPES.keys()] })
  env = await serveWorld(world)
  streamId = pointStream(world, env)
  await putSchedules(world)
  await world.startWorker()
})

async function probed(change: Env = {}, limitMs = 20_000): Promise<ProbeReport> {
  const context = openCheckContext(atproto, { ...env, ...change })
  try {
    return await probe(atprotoContext(context), { tenant: 'aesthetic', emailDomain: 'example.com', limitMs })
  } finally {
    await context.close()
  }
}

/** Deletion is a separate workflow; in a build without it, a probe says that it stops there. */
const deletes = textOf('src/workflows/index.ts').includes('deleteUser')

describe('a probe', () => {
  it('follows a test identity to its last record, times each step, and leaves nothing of it', async () => {
    const { stoppedAt, steps, identity } = await probed({}, deletes ? 100_000 : 8_000)
    expect(stoppedAt).toBe(deletes ? null : 'deleted-everywhere')
    expect(steps.map(({ name }) => name)).toEqual([...PROBE_STEPS])
    expect(steps.map(({ atMs }) => atMs)).toEqual(steps.map(({ atMs }) => atMs).toSorted((a, b) => a - b))
    expect(isProbe(identity)).toBe(true)
    expect(world.auth0.users()).toEqual([])
    if (!deletes) return
    for (const name of ['users', 'verifications', 'holdfast_intents'])
      expect(await world.db.collection(name).countDocuments({ _id: identity as never }), name).toBe(0)
  })

  it('names the step that did not happen, and still deletes what it made', async () => {
    world.auth0.setStreamStatus(streamId, 'paused')
    const { stoppedAt, steps } = await probed({}, 3_000)
    world.auth0.setStreamStatus(streamId, 'active')
    expect(stoppedAt).toBe('at-temporal')
    expect(steps.find(({ name }) => name === 'deleted-at-provider')?.ok).toBe(true)
    expect(world.auth0.users()).toEqual([])
  })
})

describe('an interrupted probe', () => {
  it('is found by check, and deleted everywhere by the next probe', async () => {
    const [identity = ''] = world.auth0.seedUsers([
      {
        id: `holdfast-probe-${'ab'.repeat(6)}`,
        email: 'left@example.com',
        verified: true,
        createdAt: new Date(),
      },
    ])
    await startSignup(world, { identity, email: 'left@example.com' })
    await expectComplete(world, { identity, email: 'left@example.com' })
    const { users } = collections(world.db)
    await users.updateOne({ _id: identity }, { $set: { when: new Date(Date.now() - 600_000) } })
    const { document } = await jsonOf(env, 'check', 'atproto')
    const { notices } = document as unknown as CheckReport
    expect(notices.find(({ name }) => name === 'probe-left')?.sentence).toContain(identity)
    await probed({})
    await eventually(
      'the left identity is gone',
      async () => (await users.countDocuments({ _id: identity })) === 0,
    )
    expect(world.auth0.users()).toEqual([])
  })
})

describe('holdfast check --probe', () => {
  it('with credentials that may not create users ends with 1, names the scope, and makes nobody', async () => {
    const standIn = await startAuth0({
      tenant: 'aesthetic',
      clientId: 'client',
      clientSecret: 'secret',
      scopes: scopesNeeded,
    })
    atEnd(() => standIn.stop())
    const { code, document } = await jsonOf(
      { ...env, AUTH0_AESTHETIC_DOMAIN: standIn.url },
      'check',
      'atproto',
      '--probe',
    )
    expect(code).toBe(1)
    const { findings, probe: made } = document as unknown as CheckReport & { probe: ProbeReport }
    expect(made).toMatchObject({ ok: false, stoppedAt: 'made-at-provider' })
    const stopped = findings.find(({ name }) => name === 'probe-stopped')
    expect(stopped?.sentence).toContain('create:users')
    expect(findings.filter(({ name }) => name === 'auth0-scope-missing')).toHaveLength(3)
    expect(standIn.users()).toEqual([])
  })

  it('refuses a tenant that is not there', async () => {
    const { code, document } = await jsonOf(env, 'check', 'atproto', '--probe', '--tenant', 'nobody')
    expect(code).toBe(2)
    expect(document['error']).toContain("Unknown tenant 'nobody'. The tenants are: aesthetic.")
  })
})
