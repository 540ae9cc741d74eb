import { beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { createIdHash } from '../../../src/crypto/keyring.ts'
import { atprotoPerson } from '../../../src/why/atproto/person.ts'
import { buildWhyReport, type WhySources } from '../../../src/why/build-report.ts'
import { startSignup, expectComplete, newPerson, type Person } from '../../support/people.ts'
import { openMongoState } from '../../../src/state/mongo/open.ts'
import { interceptCollections } from '../../support/faults/intercept-collections.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let person: Person
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  person = await newPerson(world)
  await startSignup(world, person)
  await expectComplete(world, person)
})

/** The stores that `why` queries, with a database that never answers the named calls. */
function outsideWithout(...silent: string[]): WhySources {
  const db = interceptCollections(world.db, (name, call) =>
    silent.includes(name) ? new Promise(() => undefined) : call(),
  )
  return {
    system: 'atproto',
    env: world.env,
    state: () => Promise.resolve(openMongoState('atproto', { client: db.client, db })),
    reader: () => world.reader,
    workflowIdOf: ({ identity }) => world.idOf(identity),
    hash: createIdHash(loadConfig(['keys'], world.env).keys.id),
  }
}

const report = (identity: string, outside: WhySources) =>
  buildWhyReport({ tenant: 'aesthetic', identity }, outside, atprotoPerson)

describe('why while the record of deletions does not answer', () => {
  const silent = () => outsideWithout('holdfast_tombstones.findOne')
  const unknown = expect.stringContaining('It is unknown whether this person was deleted') as string

  it('says so, and calls a completed person neither completed nor recording', async () => {
    expect((await report(person.identity, outsideWithout())).stage).toBe('completed')
    const page = await report(person.identity, silent())
    expect(page).toMatchObject({ stage: null, problems: [], known: true, fix: null })
    expect(page.notices).toEqual([unknown])
  })

  it('reports no gap of a person who may be deleted', async () => {
    const identity = world.auth0.signUp({ email: 'gap@example.com', verified: true })
    expect((await report(identity, outsideWithout())).problems).toMatchObject([{ name: 'identity-only' }])
    const page = await report(identity, silent())
    expect(page).toMatchObject({ stage: null, problems: [], known: true })
    expect(page.notices).toEqual([unknown])
  })
})
