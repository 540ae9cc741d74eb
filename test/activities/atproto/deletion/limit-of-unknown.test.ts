import { beforeAll, expect, it } from 'vitest'
import type { AtprotoDeps } from '../../../../src/activities/atproto/deps.ts'
import { createSafetyLimits } from '../../../../src/state/mongo/safety-limits.ts'
import { servedSince } from '../../../support/catch-up.ts'
import { deletionActivities } from '../../../support/deletion-activities.ts'
import { collections, openWorld, type World } from '../../../support/world.ts'
import { estimateUsers } from '../../../../src/adapters/mongo/application-records.ts'

let world: World
let deps: AtprotoDeps
beforeAll(async () => {
  world = await openWorld()
  await servedSince(world, new Date(0))
  deps = {
    ...world.connectDeps(),
    safetyLimits: createSafetyLimits(world.db, 'atproto', { deletions: 1, repairs: null }, () =>
      estimateUsers(world.db),
    ),
  }
})

it('deletions of people of whom nothing exists take no place of the hour’s limit, and leave their tombstone', async () => {
  const { beginDeletion } = deletionActivities(deps)
  for (const identity of ['auth0|never-1', 'auth0|never-2', 'auth0|never-3']) {
    expect(await beginDeletion({ identity })).toMatchObject({ goOn: false, outcome: 'deleted' })
    const tombstone = await deps.tombstones.find(identity)
    expect(tombstone?.finishedAt).toBeInstanceOf(Date)
    // Nor does an event that comes twice.
    expect(await beginDeletion({ identity })).toMatchObject({ goOn: false, outcome: 'deleted' })
  }
  const { users } = collections(world.db)
  await users.insertMany(
    ['auth0|real-1', 'auth0|real-2'].map((_id, index) => ({
      _id,
      code: `ac26real${index}`,
      when: new Date(),
    })),
  )
  expect(await beginDeletion({ identity: 'auth0|real-1' })).toMatchObject({ goOn: true })
  await expect(beginDeletion({ identity: 'auth0|real-2' })).rejects.toMatchObject({ type: 'deletions-held' })
})

it.each(['verifications', '@handles', 'holdfast_verifications', 'holdfast_people', 'holdfast_intents'])(
  'a person who is named in %s alone has something to lose',
  async (collection) => {
    const identity = `auth0|in-${collection}`
    expect(await deps.personalData.hasRecords(identity)).toBe(false)
    await world.db.collection<{ _id: string }>(collection).insertOne({ _id: identity })
    expect(await deps.personalData.hasRecords(identity)).toBe(true)
  },
)

it('a deletion of a person without records continues where something else of them may exist', async () => {
  const { beginDeletion } = deletionActivities(deps)
  const [running, noted, cutShort, requested] = [
    'auth0|running',
    'auth0|noted',
    'auth0|cut-short',
    'auth0|requested',
  ] as const
  await world.signups.notify({ tenant: 'aesthetic', identity: running })
  await world.db.collection<{ _id: string }>('holdfast_history').insertOne({ _id: noted })
  await deps.tombstones.set(cutShort, new Date())
  for (const identity of [running, noted, cutShort])
    expect(await beginDeletion({ identity: identity }), identity).toMatchObject({ goOn: true })
  expect(await beginDeletion({ identity: requested, by: 'command' })).toMatchObject({ goOn: true })
})
