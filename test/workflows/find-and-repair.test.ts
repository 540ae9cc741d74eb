import { randomBytes, randomUUID } from 'node:crypto'
import { execa } from 'execa'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { WorkerDeps } from '../support/atproto-worker.ts'
import { createAlertStore } from '../../src/state/mongo/alerts.ts'
import { createCursors } from '../../src/state/mongo/cursors.ts'
import { createIgnored } from '../../src/state/mongo/ignored.ts'
import { createTotals } from '../../src/state/mongo/totals.ts'
import type { AuditInput, AuditResult } from '../../src/contracts/audit.ts'
import type { BackfillInput, BackfillResult } from '../../src/contracts/backfill.ts'
import { gapNames, type Finding } from '../../src/contracts/gaps.ts'
import { repairOf } from '../../src/domain/gaps.ts'
import { openPopulation, withRecordedAccounts, type Population } from '../support/population.ts'
import { collections, openWorld, type World } from '../support/world.ts'

const { temporalCli } = inject('servers')
let world: World
let population: Population
let deps: WorkerDeps

beforeAll(async () => {
  world = await openWorld({ otherTenants: ['sotce'] })
  population = openPopulation(world)
  await plant()
  deps = withRecordedAccounts(world.connectDeps(), population.accounts)
  await world.startWorker((theirs) => withRecordedAccounts(theirs, population.accounts))
})

/** About two thousand people in two tenants, and a known number of each kind of gap among them. */
async function plant(): Promise<void> {
  const { add } = population
  // Neither unique nor sparse, so that codes can be shared and be missing: the state of the old database.
  await world.db.collection('users').createIndex({ code: 1 }, { name: 'code_1' })
  for (const tenant of ['aesthetic', 'sotce']) {
    await add({ tenant, count: 850 })
    await add({ tenant, count: 100, verified: false })
    await add({ tenant, count: 7, without: ['verification'], gap: 'verification-missing' })
    await add({ tenant, count: 5, verified: false, without: ['user'], gap: 'user-missing' })
    await add({
      tenant,
      count: 4,
      user: { code: null, theirs: 'kept' },
      verified: false,
      gap: 'code-missing',
    })
    await add({ tenant, count: 4, user: { code: '', theirs: 'kept' }, verified: false, gap: 'code-missing' })
    await add({
      tenant,
      count: 4,
      user: { when: null, theirs: 'kept' },
      verified: false,
      gap: 'code-missing',
    })
    await add({
      tenant,
      count: 3,
      user: { code: 'Legacy7' },
      verified: false,
      gap: ['code-malformed', 'code-duplicate'],
    })
    await add({ tenant, count: 2, without: ['account'], gap: 'account-missing' })
    await add({ tenant, count: 2, account: { state: 'gone' }, gap: 'account-gone' })
    await add({ tenant, count: 2, account: { state: 'deactivated' }, gap: 'account-gone' })
    await add({ tenant, count: 1, account: { state: 'takendown' }, gap: 'account-gone' })
    await add({ tenant, count: 1, atproto: { did: 'did:plc:x', handle: 'old' }, gap: 'account-gone' })
    await add({
      tenant,
      count: 3,
      handle: 'chosen-later',
      gap: 'handle-differs',
      account: { handle: 'else.at.example.test' },
    })
    await add({ tenant, count: 3, account: { email: 'other@example.com' }, gap: 'email-differs' })
    await add({ tenant, count: 4, without: ['provider', 'verification', 'user'], gap: 'account-unowned' })
    await add({ tenant, count: 3, without: ['provider', 'account'], gap: 'record-unowned' })
    await add({ tenant, count: 2, without: ['provider', 'verification', 'account'], gap: 'record-unowned' })
    await add({ tenant, count: 2, verified: false, without: ['verification', 'user'], gap: 'identity-only' })
    await add({ tenant, count: 1, without: ['verification', 'user', 'account'], gap: 'identity-only' })
    await add({ tenant, count: 5, verified: false, daysAgo: 90 }) // counted, not kept as findings
    const named = tenant === 'aesthetic' ? '' : `${tenant}-`
    // Gaps of ignored people and of probes are not reported.
    const ignored = await add({ tenant, count: 3, without: ['user', 'account'] })
    for (const { identity } of ignored) {
      const until = new Date(Date.now() + 3_600_000)
      await createIgnored(world.db, 'atproto').add({
        tenant,
        identity,
        until,
        reason: 'a test account',
      })
    }
    const probe = `holdfast-probe-${randomBytes(6).toString('hex')}`
    world.tenants
      .get(tenant)
      ?.seedUsers([
        { id: probe, email: `${probe}@example.com`, verified: true, createdAt: new Date(Date.now() - 864e5) },
      ])
    await collections(world.db).users.insertOne({ _id: `${named}auth0|${probe}` })
    // New people lack all records, which is not reported yet.
    await add({ tenant, count: 3, daysAgo: -1, without: ['verification', 'user', 'account'] })
    // E11: Auth0's list lags; a look-up by id finds them.
    world.tenants.get(tenant)?.faults.set({ listLagMs: 3_600_000 })
    await add({ tenant, count: 4 })
  }
  population.faults['index-not-equivalent'] = ['users.code']
  // The account whose DID no user record names is still on the PDS.
  const lost = population.faults['account-gone'] ?? []
  const renamed = await collections(world.db).users.find({ 'atproto.did': 'did:plc:x' }).toArray()
  expect(renamed.every(({ _id }) => lost.includes(_id))).toBe(true)
  const dids = population.accounts.filter(({ email }) => renamed.some(({ _id }) => _id.endsWith(idOf(email))))
  population.faults['account-unowned'] = [
    ...(population.faults['account-unowned'] ?? []),
    ...dids.map(({ did }) => did),
  ].toSorted()
}

const idOf = (email: string | null): string => /^p(\w+)/.exec(email ?? '')?.[1] ?? 'nobody'

async function run<R>(type: string, input: object): Promise<R> {
  return (await world.temporal.workflow.execute(type, {
    workflowId: `${type}/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [input],
  })) as R
}
const audit = (input: AuditInput = {}) => run<AuditResult>('audit', input)
const backfill = (input: BackfillInput = {}) => run<BackfillResult>('backfill', input)

async function byKind({ auditId }: AuditResult): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for await (const { kind, identity } of deps.findings.iterate(auditId)) (found[kind] ??= []).push(identity)
  return found
}

const repairable = (): string[] =>
  Object.entries(population.faults)
    .filter(([kind]) => repairOf('atproto', kind as Finding['kind']) !== null)
    .flatMap(([, people]) => people)

const gapsFound = async () =>
  (await createAlertStore(world.db, 'atproto').list()).find(({ name }) => name === 'gaps-found')

async function everything(): Promise<unknown> {
  const { users, verifications, handles } = collections(world.db)
  return Promise.all(
    [users, verifications, handles].map((one) =>
      one
        .find({} as never)
        .sort({ _id: 1 })
        .toArray(),
    ),
  )
}

describe('E6, E7, E11, P9, P10: an audit of two thousand people in two tenants', () => {
  it('names exactly the faults that were planted, and no one else', async () => {
    const before = await everything()
    const result = await audit()
    expect(await byKind(result)).toEqual(population.faults)
    expect(result.gaps['unverified-too-long']).toBe(10)
    expect(result.pass).toBe(false)
    expect(result.notices).toEqual([])
    const { users, verifications, handles } = collections(world.db)
    expect(result.ignored).toBe(6)
    expect(result.counts).toMatchObject({
      verifications: await verifications.countDocuments(),
      users: (await users.countDocuments()) - 2,
      handles: await handles.countDocuments(),
      accounts: population.accounts.filter(({ state }) => state !== 'gone').length,
    })
    expect(await everything()).toEqual(before)
    expect(JSON.stringify(result)).not.toContain('@')
  })

  it('copied nothing that stays', async () => {
    for (const copy of ['identities', 'accounts', 'marks'])
      expect(await world.db.collection(`holdfast_audit_${copy}`).countDocuments(), copy).toBe(0)
  })

  it('tells of it by one alert, with the kinds and how many; an audit of some, or of one tenant, says nothing', async () => {
    const told = await gapsFound()
    expect(told).toMatchObject({ open: true })
    expect(told?.sentence).toContain('account-missing 4')
    expect(told?.sentence).not.toContain('unverified-too-long')
    for (const input of [{ last: 10 }, { tenant: 'sotce' }]) await audit(input)
    await backfill()
    expect(await gapsFound()).toEqual(told)
  })

  it('counts the gaps for the hour, with zeros; an audit of some, or of one tenant, counts none', async () => {
    const { at, gaps } = await audit()
    for (const input of [{ last: 10 }, { tenant: 'sotce' }]) await audit(input)
    const period = { from: new Date(Date.parse(at) - 3_600_000), to: new Date(Date.parse(at) + 1) }
    const totals = await createTotals(world.db, 'atproto').list('day', period)
    const counted = Object.fromEntries(totals.map(({ key, count }) => [key, count]))
    expect(counted).toEqual({ ...Object.fromEntries(gapNames('atproto').map((kind) => [kind, 0])), ...gaps })
  })

  it('E6: closes the gap of the log of the tenants it looked at, not one it has not judged yet', async () => {
    const cursors = createCursors(world.db, 'atproto')
    const gapOf = async (tenant: string) => (await cursors.load(tenant)).gap
    const from = new Date(Date.now() - 864e5)
    await cursors.recordGap('sotce', { from, to: new Date(Date.now() - 3_600_000) })
    await cursors.recordGap('aesthetic', { from, to: new Date(Date.now() - 3_600_000) })
    await audit({ tenant: 'sotce', last: 10 })
    expect(await gapOf('sotce')).not.toBeNull()
    await audit({ tenant: 'sotce' })
    expect(await gapOf('sotce')).toBeNull()
    expect(await gapOf('aesthetic')).not.toBeNull()
    await cursors.recordGap('aesthetic', { from, to: new Date() })
    await audit({ tenant: 'aesthetic' })
    expect(await gapOf('aesthetic')).not.toBeNull()
    await cursors.closeGap('aesthetic')
  })

  it('of one tenant names those of that tenant; of the last ten, each of the ten', async () => {
    const { auditId, gaps } = await audit({ tenant: 'sotce' })
    for await (const { tenant, identity } of deps.findings.iterate(auditId)) {
      if (tenant !== '-') expect(identity).toMatch(/^sotce-/)
    }
    expect(gaps['verification-missing']).toBe(7)
    const last = await audit({ last: 10 })
    const rows = []
    for await (const row of deps.findings.iteratePeople(last.auditId)) rows.push(row)
    expect(rows).toHaveLength(10)
    expect(rows.filter(({ state }) => state === 'young')).toHaveLength(6)
    expect(last.counts.identities).toBeGreaterThan(1_900)
  })

  it('refuses a tenant there is not, and words it does not know', async () => {
    await expect(audit({ tenant: 'nobody' })).rejects.toThrow()
    await expect(run('audit', { lats: 10 })).rejects.toThrow()
  })
})

describe('a backfill', () => {
  let plan: BackfillResult

  it('started by the temporal command with one JSON object is a dry run', async () => {
    const before = await everything()
    const workflowId = `by-hand-${randomUUID()}`
    const connection = [
      '--address',
      world.env['TEMPORAL_ADDRESS'] ?? '',
      '--namespace',
      world.env['TEMPORAL_NAMESPACE'] ?? '',
    ]
    await execa(
      temporalCli,
      [
        ['workflow', 'start', '--type', 'backfill', '--task-queue', 'holdfast-atproto'],
        ['--workflow-id', workflowId, '--input', '{"last":100}', ...connection],
      ].flat(),
      { extendEnv: false, env: { HOME: '/nonexistent' } },
    )
    const result = (await world.temporal.workflow.getHandle(workflowId).result()) as BackfillResult
    expect(result).toMatchObject({ dryRun: true, backfillId: workflowId, processed: 0, refused: null })
    expect(await everything()).toEqual(before)
  })

  it('T5: refuses to change more than the brake lets it', async () => {
    const before = await everything()
    const result = await backfill({ fix: true, maxChanges: 3 })
    expect(result).toMatchObject({ refused: 'brake', processed: 0, dryRun: false })
    expect(result.message).toContain(`--max-changes ${result.totalMissing}`)
    expect(await everything()).toEqual(before)
  })

  it('T4: refuses a plan when the data has moved, and names what moved', async () => {
    plan = await backfill()
    expect(plan.totalMissing).toBe(repairable().length)
    const again = await backfill()
    expect(again.digest).toBe(plan.digest)
    const [gone = ''] = population.faults['verification-missing'] ?? []
    const { verifications } = collections(world.db)
    await verifications.insertOne({ _id: gone, count: 1 })
    const refused = await backfill({ fix: true, plan: plan.planId })
    expect(refused).toMatchObject({
      refused: 'plan-moved',
      processed: 0,
      planChanges: [{ identity: gone, kind: 'verification-missing', what: 'no longer there' }],
    })
    await verifications.deleteOne({ _id: gone })
    expect(await backfill({ fix: true, plan: 'nothing' })).toMatchObject({ refused: 'plan-unknown' })
  })

  it('applies exactly its plan: what may be repaired is whole, what must not be is as it was', async () => {
    const { users, verifications } = collections(world.db)
    const touched = new Set(repairable())
    const untouched = async () =>
      (await users.find().sort({ _id: 1 }).toArray()).filter(({ _id }) => !touched.has(_id))
    const before = await untouched()
    const result = await backfill({ fix: true, plan: plan.planId })
    expect(result).toMatchObject({
      planId: plan.planId,
      digest: plan.digest,
      refused: null,
      failed: 0,
      failures: [],
      processed: touched.size,
      successful: touched.size,
      verified: touched.size,
    })
    expect(await untouched()).toEqual(before)
    expect(
      await verifications.countDocuments({ _id: { $in: population.faults['identity-only'] ?? [] } }),
    ).toBe(6)
  })

  it('M5: gave those without a code one, and touched nothing else in their records', async () => {
    const { users } = collections(world.db)
    const mended = await users.find({ _id: { $in: population.faults['code-missing'] ?? [] } }).toArray()
    expect(mended).toHaveLength(24)
    for (const user of mended) {
      expect(user.code).toMatch(/^ac\d{2}[a-z]{5,}$/)
      expect(user.when).toBeInstanceOf(Date)
      expect(Object.keys(user).toSorted()).toEqual(['_id', 'code', 'theirs', 'when'])
      expect(user).toMatchObject({ theirs: 'kept' })
    }
  })

  it('finds nothing to do the second time, and the audit finds what is left to a person', async () => {
    const before = await everything()
    expect(await backfill({ fix: true })).toMatchObject({ totalMissing: 0, processed: 0, refused: null })
    expect(await everything()).toEqual(before)
    const left = Object.entries(population.faults).filter(
      ([kind]) => repairOf('atproto', kind as Finding['kind']) === null,
    )
    expect(await byKind(await audit())).toEqual(Object.fromEntries(left))
  })
})

describe('E6: a signup lost with no webhook at all', () => {
  it('is reported by the next audit of everybody; the alert closes when nothing is left', async () => {
    const lost = await openWorld()
    await lost.startWorker((theirs) => withRecordedAccounts(theirs, []))
    const [person] = await openPopulation(lost).add({
      tenant: 'aesthetic',
      count: 1,
      daysAgo: 1,
      verified: false,
      without: ['verification', 'user'],
    })
    const hourly = (type: string, input: object) =>
      lost.temporal.workflow.execute(type, {
        workflowId: `${type}-${randomUUID()}`,
        taskQueue: 'holdfast-atproto',
        args: [input],
      })
    const alerts = () => createAlertStore(lost.db, 'atproto').list()
    await hourly('audit', {})
    expect(await alerts()).toMatchObject([{ name: 'gaps-found', open: true }])
    expect((await alerts())[0]?.sentence).toContain('identity-only 1')
    expect(await hourly('backfill', { id: person?.identity, fix: true })).toMatchObject({ verified: 1 })
    await hourly('audit', {})
    expect(await alerts()).toMatchObject([{ name: 'gaps-found', open: false }])
  })
})
