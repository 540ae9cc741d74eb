import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startPds, type PdsServer } from '../../dev/servers/pds/pds.ts'
import { startPlc, type PlcServer } from '../../dev/servers/pds/plc.ts'
import { startPostgres } from '../../dev/servers/postgres/postgres.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, expectComplete, label, meets, newPerson } from '../support/people.ts'
import { pdsAdmin } from '../support/pds.ts'
import { collections, openWorld, type World } from '../support/world.ts'

/** The promise to operators in the issue. */
const VISIBLE_MS = 60_000
/** The wait of the retry timer grows from ten seconds. */
const BACK_MS = 180_000

let plc: PlcServer
let pds: PdsServer
let world: World
beforeAll(async () => {
  const postgres = await startPostgres({ progress })
  atEnd(() => postgres.stop())
  plc = await startPlc({ databaseUrl: await postgres.ensureDatabase('plc'), progress })
  atEnd(() => plc.stop())
  pds = await startPds({ plcUrl: plc.url, progress })
  atEnd(() => pds.stop())
  world = await openWorld({ pdsUrl: pds.url, pdsAdminPassword: pds.adminPassword })
  await world.startWorker()
})
afterEach(async () => {
  expect(await collections(world.db).users.countDocuments({ atproto: { $exists: false } })).toBe(0)
})

describe('P7: what an account needs is away', () => {
  it('the PLC directory: said within a minute, and the signup completes by itself when it is back', async () => {
    const person = await newPerson(world)
    await plc.kill()
    await startSignup(world, person)
    const { problem } = await meets(world, person, 'plc-unreachable', VISIBLE_MS)
    expect(problem?.fix).toContain('PDS_DID_PLC_URL')
    await plc.restart()
    await expectComplete(world, person, { timeoutMs: BACK_MS })
  })

  it('the PDS: said within a minute, and the signup completes by itself when it is back', async () => {
    const person = await newPerson(world, { handle: label() })
    await pds.kill()
    await startSignup(world, person)
    const { stage, problem } = await meets(world, person, 'pds-unreachable', VISIBLE_MS)
    expect(stage).toBe('creating-account')
    expect(problem?.nextTryAt).not.toBeNull()
    await pds.restart()
    await expectComplete(world, person, { timeoutMs: BACK_MS })
  })

  it('a PDS that hangs: said within a minute, and one account when it goes on', async () => {
    const person = await newPerson(world, { handle: label() })
    process.kill(pds.pid, 'SIGSTOP')
    await startSignup(world, person)
    await meets(world, person, 'pds-unreachable', VISIBLE_MS)
    process.kill(pds.pid, 'SIGCONT')
    await expectComplete(world, person, { timeoutMs: BACK_MS })
    expect(await pdsAdmin(world.env).accountsOf(person.email)).toHaveLength(1)
  })

  it('the PDS, killed in the middle of twenty signups: all complete, each with one account', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => newPerson(world, { handle: label() })))
    for (const person of people) await startSignup(world, person)
    const { users } = collections(world.db)
    const identities = people.map(({ identity }) => identity)
    await eventually('some are done', async () => {
      const done = await users.countDocuments({ _id: { $in: identities }, 'atproto.did': { $exists: true } })
      return done >= 3
    })
    await pds.kill()
    await Promise.any(people.map((person) => meets(world, person, 'pds-unreachable', VISIBLE_MS)))
    await pds.restart()
    const accounts = []
    for (const person of people) accounts.push(await expectComplete(world, person, { timeoutMs: BACK_MS }))
    expect(new Set(accounts.map(({ did }) => did)).size).toBe(20)
    const there = await pdsAdmin(world.env).accounts()
    for (const { email } of people) expect(there.filter((one) => one.email === email)).toHaveLength(1)
  })
})
