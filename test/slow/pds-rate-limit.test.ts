import { beforeAll, describe, expect, it } from 'vitest'
import { startPds } from '../../dev/servers/pds/pds.ts'
import { startPlc } from '../../dev/servers/pds/plc.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, newPerson, type Person } from '../support/people.ts'
import { pdsAdmin } from '../support/pds.ts'
import { collections, openWorld, type World } from '../support/world.ts'

/**
 * The PDS accepts 100 new accounts in five minutes from one address, so the last fifty wait for the next five minutes.
 */
const PEOPLE = 150
const TWO_WINDOWS_MS = 8 * 60_000

let world: World
beforeAll(async () => {
  const plc = await startPlc({ progress })
  atEnd(() => plc.stop())
  const pds = await startPds({ plcUrl: plc.url, progress, rateLimits: true })
  atEnd(() => pds.stop())
  world = await openWorld({ pdsUrl: pds.url, pdsAdminPassword: pds.adminPassword })
  await world.startWorker()
})

describe("P6: 150 signups under the PDS's own limit", () => {
  it('all complete, each with one account; no step fails of anything else, no problem is ever published', async () => {
    const people: Person[] = []
    for (let index = 0; index < PEOPLE; index += 1) people.push(await newPerson(world))
    for (const person of people) await startSignup(world, person)

    const { users } = collections(world.db)
    const done = () => users.countDocuments({ 'atproto.did': { $exists: true } })
    await eventually('the limit is met', async () => (await done()) === 100, 240_000)
    const waits = await eventually('somebody waits, and says until when', async () => {
      for (const { identity } of people) {
        const status = await world.reader.status(world.idOf(identity))
        if (status?.stage === 'creating-account' && status.notices.length > 0) return status
      }
      return null
    })
    expect(waits).toMatchObject({ problem: null })
    expect(waits.notices.join()).toMatch(/rate limit is used up.*continues at/)

    await eventually('all have an account', async () => (await done()) === PEOPLE, TWO_WINDOWS_MS)
    for (const { identity } of people) {
      const handle = world.temporal.workflow.getHandle(world.idOf(identity))
      expect(await handle.result()).toMatchObject({ stage: 'completed', problem: null })
      const { events } = await handle.fetchHistory()
      const published = (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: upsert }) =>
        Object.keys(upsert?.searchAttributes?.indexedFields ?? {}),
      )
      expect(published).not.toContain('SignupProblem')
      const failures = (events ?? []).flatMap(
        ({ activityTaskFailedEventAttributes: failed }) =>
          failed?.failure?.applicationFailureInfo?.type ?? [],
      )
      expect(failures.filter((type) => type !== 'pds-rate-limited')).toEqual([])
    }
    const accounts = await pdsAdmin(world.env).accounts()
    expect(accounts).toHaveLength(PEOPLE)
    expect(new Set(accounts.map(({ email }) => email))).toEqual(new Set(people.map(({ email }) => email)))
  })
})
