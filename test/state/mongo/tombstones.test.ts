import { beforeAll, describe, expect, it } from 'vitest'
import { createTombstones } from '../../../src/state/mongo/tombstones.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})

describe('T7: the tombstone of a deletion that is over', () => {
  const at = new Date('2026-01-02T03:04:05.000Z')
  const tombstones = () => createTombstones(world.db, 'atproto', (identity) => `hash of ${identity}`)

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

  it('counts as one whose account stayed with another person, until that person is deleted too', async () => {
    const remove = async (identity: string, leftTo: string[] = []): Promise<void> => {
      await tombstones().set(identity, at)
      await tombstones().finish(identity, {}, { leftTo })
    }
    await remove('auth0|without')
    await remove('auth0|merged', ['hash of auth0|holder', 'hash of auth0|other'])
    await remove('auth0|merged-too', ['hash of auth0|holder'])
    expect(await tombstones().countAccountsLeft()).toBe(2)

    await tombstones().set('auth0|holder', at)
    expect(await tombstones().countAccountsLeft()).toBe(2)
    await tombstones().finish('auth0|holder', {})
    expect(await tombstones().countAccountsLeft()).toBe(1)
    await remove('auth0|other')
    expect(await tombstones().countAccountsLeft()).toBe(0)
  })
})
