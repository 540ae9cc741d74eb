import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { openCheckContext } from '../../src/checks/context.ts'
import { diagnose } from '../../src/checks/diagnose.ts'
import type { Diagnosis } from '../../src/contracts/checks.ts'
import { checked, pointStream, putSchedules, serveWorld, type Env } from '../support/checking.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, expectComplete, meets, newPerson } from '../support/people.ts'
import { collections, openWorld, type World } from '../support/world.ts'
import { atproto } from '../../src/systems/atproto.ts'
import { atprotoChecks } from '../../src/checks/atproto/all.ts'

let world: World
let env: Env
beforeAll(async () => {
  world = await openWorld()
  env = await serveWorld(world)
  pointStream(world, env)
  await putSchedules(world)
})

const diagnosed = async (change: Env = {}): Promise<{ code: number | null; report: Diagnosis }> => {
  const { code, document } = await jsonOf({ ...env, ...change }, 'diagnose', 'atproto')
  return { code, report: document as unknown as Diagnosis }
}

async function inProcess(change: Env): Promise<Diagnosis> {
  const context = openCheckContext(atproto, change)
  try {
    return await diagnose(context, atprotoChecks)
  } finally {
    await context.close()
  }
}

/** The whole content of the database, for comparison. */
async function contents(): Promise<Record<string, unknown>> {
  const all = (await world.db.collections()).map(
    async (collection) =>
      [collection.collectionName, await collection.find().sort({ _id: 1 }).toArray()] as const,
  )
  return Object.fromEntries(await Promise.all(all))
}

describe('holdfast diagnose', () => {
  it('where all is well counts everything, plays a signup, leaves nothing of it, and ends with 0', async () => {
    await world.startWorker()
    const person = await newPerson(world)
    await startSignup(world, person)
    await expectComplete(world, person)
    await eventually('the end can be seen', async () => {
      return (await inProcess(env)).stages?.['completed'] === 1
    })
    const before = await contents()
    const { code, report } = await diagnosed()
    expect(report.check.findings).toEqual([])
    expect(report.rehearsal.filter(({ ok }) => !ok)).toEqual([])
    expect(report.rehearsal.map(({ name }) => name.replace('aesthetic: ', ''))).toEqual([
      'token-check',
      'ss-and-sv-read',
      'code-index',
      'ss-verification-recorded',
      'sv-looked-at',
      'code-and-user',
      'nothing-left',
    ])
    expect(report).toMatchObject({ ok: true, blocked: [], notChecked: [], next: [] })
    expect(report.counts).toMatchObject({ verifications: 1, users: 1, handles: 0 })
    expect(report.counts['accounts']).toBeGreaterThan(0)
    expect(code).toBe(0)
    expect(await contents()).toEqual(before)
  })

  it('groups those who stand still, with their last error and what to do, and holds nothing personal or secret', async () => {
    const canary = `canary-${randomBytes(6).toString('hex')}@example.com`
    const world2 = await openWorld({
      pdsAdminPassword: 'wrong-admin-password',
      env: { PDS_URL: 'http://127.0.0.1:1' },
    })
    await world2.startWorker()
    const people = await Promise.all([newPerson(world2, { email: canary }), newPerson(world2)])
    for (const person of people) await startSignup(world2, person)
    for (const person of people) await meets(world2, person, 'pds-unreachable')
    const report = await eventually('both can be seen', async () => {
      const seen = await inProcess(world2.env)
      return seen.blocked[0]?.count === 2 && seen
    })
    expect(report.blocked).toHaveLength(1)
    const [blocked] = report.blocked
    expect(blocked).toMatchObject({ problem: 'pds-unreachable', sentence: 'The PDS does not answer.' })
    expect(blocked?.identities.toSorted()).toEqual(people.map(({ identity }) => identity).toSorted())
    expect(blocked?.lastError?.causes.length).toBeGreaterThan(0)
    expect(report.next).toContain(blocked?.fix)
    expect(report.notChecked.join()).toContain('accounts')

    const { code, stdout } = await holdfast(world2.env, 'diagnose', 'atproto')
    expect(code).toBe(1)
    expect(stdout).toMatch(/pds-unreachable: 2 people, the first .+ ago/)
    const secrets = Object.entries(world2.env).filter(([name]) => /PASSWORD$|SECRET|TOKEN|KEY/.test(name))
    expect(secrets.length).toBeGreaterThan(4)
    for (const text of [JSON.stringify(report), stdout]) {
      expect(text).not.toContain(canary)
      for (const [name, value] of secrets) expect(text.includes(value), name).toBe(false)
    }
  })
})

describe('holdfast diagnose --fix-index', () => {
  const users = () => collections(world.db).users
  const bad = async (): Promise<void> => {
    await users().dropIndexes()
    await users().createIndex({ code: 1 }, { name: 'code_1' })
  }
  const fix = (...args: string[]) => jsonOf(env, 'diagnose', 'atproto', '--fix-index', ...args)

  it('is what check says where the index does not keep codes apart', async () => {
    await bad()
    const found = (await checked(env)).findings.find(({ name }) => name === 'index-not-equivalent')
    expect(found?.sentence).toContain('code_1')
    expect(found?.fix).toBe('holdfast diagnose atproto --fix-index')
  })

  it('asks, where nobody can answer it changes nothing', async () => {
    const { code, document } = await fix()
    expect(code).toBe(2)
    expect(document['error']).toContain('--yes')
  })

  it('refuses while codes are shared, and names whose they are', async () => {
    await users().insertMany([
      { _id: 'auth0|one', code: 'ac26babab' },
      { _id: 'auth0|two', code: 'ac26babab' },
    ])
    const { code, document } = await fix('--yes')
    expect(code).toBe(1)
    expect(document['shared']).toEqual([
      { code: 'ac26babab', count: 2, identities: ['auth0|one', 'auth0|two'] },
    ])
    expect((await users().indexes()).map(({ name }) => name)).toContain('code_1')
    await users().deleteMany({ _id: { $in: ['auth0|one', 'auth0|two'] } })
  })

  it('then replaces it, and a second time changes nothing', async () => {
    const { code, document } = await fix('--yes')
    expect({ code, document }).toEqual({
      code: 0,
      document: { did: 'replaced', index: 'code_unique', dropped: 'code_1' },
    })
    const index = (await users().indexes()).find(({ key }) => Object.keys(key).join() === 'code')
    expect(index).toMatchObject({ unique: true, sparse: true })
    expect((await fix('--yes')).document).toEqual({ did: 'nothing', index: index?.name })
    expect((await checked(env)).findings.map(({ name }) => name)).not.toContain('index-not-equivalent')
  })
})
