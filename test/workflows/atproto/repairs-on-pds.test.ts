import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import type { AuditResult } from '../../../src/contracts/audit.ts'
import type { BackfillResult } from '../../../src/contracts/backfill.ts'
import { fullHandle, hasHandle } from '../../support/handles.ts'
import { address, startSignup, expectComplete, label, newPerson, type Person } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

const PEOPLE = 5
/** Fewer than there are accounts, so that a listing has many pages. */
const PAGE = 2

let world: World
let deps: AtprotoDeps
const people: { person: Person; did: string; code: string }[] = []

beforeAll(async () => {
  // Long enough ago for an audit to judge them.
  world = await openWorld({ auth0Now: () => new Date(Date.now() - 3_600_000) })
  deps = world.connectDeps()
  await world.startWorker((theirs) => ({
    ...theirs,
    pdsListing: { ...theirs.pdsListing, repos: (cursor) => theirs.pdsListing.repos(cursor, PAGE) },
  }))
  for (let made = 0; made < PEOPLE; made += 1) {
    const person = await newPerson(world)
    await startSignup(world, person)
    const { did, code } = await expectComplete(world, person)
    people.push({ person, did: did ?? '', code: code ?? '' })
  }
})

async function run<R>(type: 'audit' | 'backfill', input: object): Promise<R> {
  return (await world.temporal.workflow.execute(type, {
    workflowId: `${type}/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [input],
  })) as R
}

/**
 * The findings of an audit of everybody on our people; the PDS is shared, and the accounts of other tests are unowned
 * here.
 */
async function found(): Promise<string[]> {
  const { auditId } = await run<AuditResult>('audit', {})
  const kinds: string[] = []
  for await (const { identity, kind } of deps.findings.iterate(auditId))
    if (people.some(({ person, did }) => person.identity === identity || did === identity)) kinds.push(kind)
  return kinds
}

const one = (index: number) => {
  const person = people[index]
  if (person === undefined) throw new Error('not so many people')
  return person
}

describe('P9: more accounts than one page of the PDS has', () => {
  it('all are seen: nobody healthy is called an orphan', async () => {
    expect(await found()).toEqual([])
  })
})

describe('P8, P4: accounts that differ from what they should be', () => {
  it('get the handle and the address back by a backfill, also who lacks both, and the second finds nothing', async () => {
    const [handle, email, both] = [one(0), one(1), one(2)]
    await deps.pds.changeHandleAsAdmin(handle.did, fullHandle(world, label()))
    await deps.pds.setEmail(email.did, address())
    await deps.pds.changeHandleAsAdmin(both.did, fullHandle(world, label()))
    await deps.pds.setEmail(both.did, address())
    expect((await found()).toSorted()).toEqual([
      'email-differs',
      'email-differs',
      'handle-differs',
      'handle-differs',
    ])
    const result = await run<BackfillResult>('backfill', { last: PEOPLE, fix: true })
    expect(result).toMatchObject({ totalMissing: 3, successful: 3, failed: 0, verified: 3, failures: [] })
    for (const { person, code } of [handle, both]) await hasHandle(world, person, code)
    for (const { person, did } of [email, both])
      expect(await pdsAdmin(world.env).accountsOf(person.email)).toMatchObject([{ did }])
    expect(await run('backfill', { last: PEOPLE, fix: true })).toMatchObject({ totalMissing: 0 })
  })

  it('are left to a person, and their plan refused, where the account went away meanwhile', async () => {
    const { person, did } = one(3)
    await collections(world.db).users.updateOne(
      { _id: person.identity },
      { $set: { 'atproto.handle': 'something.else' } },
    )
    const dry = await run<BackfillResult>('backfill', { id: person.identity })
    expect(dry).toMatchObject({ totalMissing: 1 })
    await pdsAdmin(world.env).remove(did)
    expect(await found()).toEqual(['account-gone'])
    expect(await run('backfill', { fix: true, plan: dry.planId })).toMatchObject({ refused: 'plan-moved' })
  })
})
