import { beforeAll, describe, expect, it } from 'vitest'
import { createTombstones } from '../../src/adapters/mongo/tombstones.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})

describe('T7: the tombstone of a deletion that is over', () => {
  const at = new Date('2026-01-02T03:04:05.000Z')
  const tombstones = () => createTombstones(world.db, (identity) => `hash of ${identity}`)

  it('is finished though nothing was there to be taken away', async () => {
    await tombstones().set('auth0|nobody', at)
    expect(await tombstones().find('auth0|nobody')).toMatchObject({ at, finishedAt: null })
    await tombstones().finish('auth0|nobody', {})
    const found = await tombstones().find('auth0|nobody')
    expect(found).toMatchObject({ at, erased: {} })
    expect(found?.finishedAt).toBeInstanceOf(Date)
  })

  it('adds up what several deletions took away', async () => {
    for (const erased of [{ users: 1, pds: 1 }, {}, { users: 1 }]) {
      await tombstones().set('auth0|twice', at)
      await tombstones().finish('auth0|twice', erased)
    }
    expect(await tombstones().find('auth0|twice')).toMatchObject({ erased: { users: 2, pds: 1 } })
  })
})
