import { AtpAgent } from '@atproto/api'
import { beforeAll, describe, expect, it } from 'vitest'
import { accountActivity } from '../../support/account-activity.ts'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import { loadConfig } from '../../../src/config.ts'
import { createKeyring, isSealed } from '../../../src/crypto/keyring.ts'
import { renewAll, renewPassword, type RenewDeps } from '../../../src/cli/atproto/renew-passwords.ts'
import { createActionLog } from '../../../src/state/mongo/actions.ts'
import { createRenewals } from '../../../src/state/mongo/atproto/renewals.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { servedSince } from '../../support/catch-up.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { newPerson, storedPassword, type Person } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

const RENEW = ['passwords', 'renew', 'atproto'] as const
const NOW = ['--fix', '--yes', '--reason', 'ticket 512'] as const

let world: World
let deps: AtprotoDeps
let renewing: RenewDeps
beforeAll(async () => {
  world = await openWorld({ otherTenants: ['sotce'] })
  await servedSince(world, new Date(0))
  deps = world.connectDeps()
  const keyring = createKeyring(loadConfig(['keys'], world.env).keys.sealing)
  renewing = {
    renewals: createRenewals(world.db, keyring),
    pds: deps.pds,
    newPassword: deps.newPassword,
    stored: deps.storedPassword,
    isTheirs: () => true,
  }
})

interface WithAccount extends Person {
  readonly did: string
  readonly password: string
}

async function withAccount(tenant = 'aesthetic'): Promise<WithAccount> {
  const person = await newPerson(world, { tenant })
  const { identity, email } = person
  await deps.users.ensure(identity, new Date(), await deps.codeIndex.ensureUnique())
  await deps.intents.prepare(identity, email, deps.newPassword)
  const made = await accountActivity(deps)({ identity })
  return { ...person, did: made?.did ?? '', password: await storedPassword(world, person) }
}

const opens = async (identifier: string, password: string): Promise<boolean> => {
  const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
  return agent.login({ identifier, password }).then(
    () => true,
    () => false,
  )
}
const left = () => world.db.collection('holdfast_renewals').countDocuments()
const renewed = () => renewAll(renewing, () => {})

/** The stored password opens the account; the previous one does not. */
async function expectNew(person: WithAccount, before = person.password): Promise<string> {
  const stored = (await collections(world.db).users.findOne({ _id: person.identity }))?.atproto?.password
  expect(isSealed(stored ?? '')).toBe(true)
  const password = await storedPassword(world, person)
  expect([await opens(person.did, before), await opens(person.did, password)]).toEqual([false, true])
  return password
}

describe('P12: holdfast passwords renew', () => {
  it('is a dry run unless --fix is said, and wants a reason', async () => {
    const person = await withAccount()
    const { code, document } = await jsonOf(world.env, ...RENEW)
    expect({ code, document }).toMatchObject({ code: 0, document: { dryRun: true, total: 1, begun: 0 } })
    const { code: without, stderr } = await holdfast(world.env, ...RENEW, '--fix', '--yes')
    expect({ without, stderr }).toMatchObject({
      without: 2,
      stderr: expect.stringContaining('--reason') as string,
    })
    expect(await opens(person.did, person.password)).toBe(true)
    expect(await left()).toBe(0)
  })

  it('gives each account a new password, and revokes sessions and app passwords', async () => {
    const person = await withAccount()
    const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
    await agent.login({ identifier: person.did, password: person.password })
    const { data } = await agent.com.atproto.server.createAppPassword({ name: 'other' })
    const { code, document } = await jsonOf(world.env, ...RENEW, ...NOW)
    expect({ code, document }).toMatchObject({ code: 0, document: { ended: true, counts: { failed: 0 } } })
    await expectNew(person)
    expect(await opens(person.did, data.password)).toBe(false)
    await expect(agent.com.atproto.server.refreshSession()).rejects.toThrow()
    expect(await left()).toBe(0)
    const [record] = await createActionLog(world.db).list({}, 1)
    expect(record).toMatchObject({
      name: 'passwords renew',
      kind: 'change',
      outcome: 'succeeded',
      reason: 'ticket 512',
      scope: 'all people whose password is stored',
    })
  })

  it('renews those of one tenant alone', async () => {
    const person = await withAccount()
    const other = await withAccount('sotce')
    const { code } = await jsonOf(world.env, ...RENEW, '--tenant', 'sotce', ...NOW)
    expect(code).toBe(0)
    await expectNew(other)
    expect(await opens(person.did, person.password)).toBe(true)
  })
})

describe('P12: a renewal that was stopped', () => {
  const killed = new Error('killed')
  const stop = () => Promise.reject(killed)

  it.each([
    ['before the PDS was told', { pds: 'setPassword' }],
    ['after the PDS was told', { pds: 'revokeAppPasswords' }],
    ['before the user record was written', { renewals: 'replace' }],
    ['before it was marked done', { renewals: 'finish' }],
  ] as const)('%s goes on with the same password', async (_, where) => {
    const person = await withAccount()
    const parts = {
      pds: { ...renewing.pds, ...('pds' in where ? { [where.pds]: stop } : {}) },
      renewals: { ...renewing.renewals, ...('renewals' in where ? { [where.renewals]: stop } : {}) },
    }
    await expect(renewPassword({ ...renewing, ...parts }, person)).rejects.toBe(killed)
    const { password: intended } = await renewing.renewals.intend(person, () => 'another')
    expect(await renewed()).toMatchObject({ counts: { failed: 0, 'not-opened': 0 } })
    expect(await expectNew(person)).toBe(intended)
    expect(await left()).toBe(0)
  })

  it('leaves those alone that are done, and ends when all are', async () => {
    const [first, second] = [await withAccount(), await withAccount()]
    await renewPassword(renewing, first)
    const done = await expectNew(first)
    const { counts } = await renewed()
    expect(counts.before).toBe(1)
    expect(await storedPassword(world, first)).toBe(done)
    await expectNew(second)
    await renewed()
    await expectNew(first, done)
  })

  it('waits for a rate limit, and tells of an account that fails alone', async () => {
    const person = await withAccount()
    const waited: Date[] = []
    const retryAt = new Date()
    let answers = [
      new OutsideError('pds-rate-limited', 'later', { retryAt }),
      new OutsideError('pds-failing', 'this one'),
    ]
    const setPassword: RenewDeps['pds']['setPassword'] = (did, password) => {
      const [answer, ...rest] = did === person.did ? answers : []
      if (answer === undefined) return renewing.pds.setPassword(did, password)
      answers = rest
      return Promise.reject(answer)
    }
    const failing = { ...renewing, pds: { ...renewing.pds, setPassword } }
    const report = await renewAll(
      failing,
      () => {},
      async (until) => void waited.push(until),
    )
    expect(waited).toEqual([retryAt])
    expect(report.failures).toEqual([{ identity: person.identity, problem: 'pds-failing' }])
    expect(await opens(person.did, person.password)).toBe(true)
    await renewed()
    await expectNew(person)
  })

  it('ends at once where the next account would fail alike', async () => {
    await withAccount()
    const away = new OutsideError('pds-unreachable', 'no answer')
    const failing = { ...renewing, pds: { ...renewing.pds, accountByDid: () => Promise.reject(away) } }
    await expect(renewAll(failing, () => {})).rejects.toBe(away)
    await renewed()
  })

  it('stores the new password of an account that is taken down, and says that app passwords may be left', async () => {
    const person = await withAccount()
    await pdsAdmin(world.env).takeDown(person.did)
    expect((await renewed()).failures).toEqual([{ identity: person.identity, problem: 'not-opened' }])
    expect(await storedPassword(world, person)).not.toBe(person.password)
    await pdsAdmin(world.env).remove(person.did)
    expect((await renewed()).counts).toMatchObject({ gone: 1, 'not-opened': 0 })
    expect(await left()).toBe(0)
  })
})
