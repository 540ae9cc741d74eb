import { randomBytes } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAtprotoRecords } from '../../../../src/state/mongo/atproto/person-records.ts'
import { createPersonalData } from '../../../../src/state/mongo/personal-data.ts'
import { createQuarantine } from '../../../../src/state/mongo/quarantine/quarantine.ts'
import { createIdHash, createKeyring } from '../../../../src/crypto/keyring.ts'
import { openWorld, type World } from '../../../support/world.ts'
import type { PersonalData } from '../../../../src/state/ports/personal-data.ts'

interface LedgerDocument {
  _id: string
  address: string
  verified: string[]
}

const hash = createIdHash(randomBytes(32))
const person = { tenant: 'aesthetic', identity: 'auth0|6123abc', userId: 'auth0|6123abc' }

let world: World
let stores: PersonalData
beforeAll(async () => {
  world = await openWorld()
  stores = createPersonalData(world.db, 'atproto', {
    keyring: world.keyring,
    hash,
    records: createAtprotoRecords(world.db),
  })
})
beforeEach(async () => {
  await world.db
    .collection<LedgerDocument>('holdfast_verifications')
    .replaceOne(
      { _id: person.identity },
      { address: hash('ana@example.com'), verified: [hash('ana@old.example.com')] },
      { upsert: true },
    )
})

const keep = (...contents: string[]) =>
  createQuarantine(world.db, 'atproto', { keyring: world.keyring, hash, keepDays: 90 }).store(
    contents.map((content) => ({ tenant: 'aesthetic', reason: 'a test', content })),
  )
const quarantined = () => world.db.collection('holdfast_quarantine').countDocuments()

describe('F5: what could not be read, and names a person who is deleted', () => {
  it('is exported and erased by id and address, whatever its escaping; nobody else is', async () => {
    await keep(
      '{"type":"ss","user_name":"Ana@Example.com","ip":"192.0.2.7","details":{"body":{"email":"ana@example.com"}}}',
      String.raw`{"type":"ss","user_id":"auth0\u007c6123abc", broken`,
      '{"type":"sapi","details":{"request":{"path":"/api/v2/users/auth0%7C6123abc"}}}',
      '{"type":"sce","details":"changed from ana@old.example.com"}',
    )
    await keep('{"type":"ss","user_id":"auth0|6123abc9"}', '{"user_name":"ana@example.org"}')
    expect((await stores.read(person))['holdfast_quarantine']).toHaveLength(4)
    expect(await stores.count(person)).toMatchObject({ holdfast_quarantine: 4 })
    expect(await stores.erase('holdfast', person)).toMatchObject({ holdfast_quarantine: 4 })
    expect(await quarantined()).toBe(2)
    expect(JSON.stringify(await world.db.collection('holdfast_quarantine').find().toArray())).not.toContain(
      'ana@',
    )
  })

  it('from before hashes were kept is opened; what no key opens is counted as not judged', async () => {
    const other = createKeyring([{ id: 'gone', bytes: randomBytes(32) }])
    const content = '{"type":"ss","user_id":"auth0|6123abc"}'
    const place = (id: string) => ({ collection: 'holdfast_quarantine', person: id, field: 'content' })
    await world.db
      .collection<{ _id: string; tenant: string; content: string }>('holdfast_quarantine')
      .insertMany([
        { _id: 'old', tenant: 'aesthetic', content: world.keyring.seal(content, place('old')) },
        { _id: 'lost', tenant: 'aesthetic', content: other.seal(content, place('lost')) },
      ])
    expect(await stores.countUnreadable(person)).toBe(1)
    expect(await stores.erase('holdfast', person)).toMatchObject({ holdfast_quarantine: 1 })
    expect(await stores.countUnreadable(person)).toBe(1)
    expect(await quarantined()).toBe(3)
  })

  it('E15: is found in an entry with too many names to keep hashes of, by an escaped id and by an address', async () => {
    const many = Array.from({ length: 600 }, (_, n) => `"auth0|other${n}"`).join(',')
    await keep(
      String.raw`{"all":[${many}],"user_id":"auth0\u007c6123abc", broken`,
      `{"all":[${many}],"user_name":"Ana@Example.com"`,
      `{"all":[${many}],"user_id":"auth0|6123abc9"`,
    )
    const unlisted = { mentions: { $exists: false } }
    expect(await world.db.collection('holdfast_quarantine').countDocuments(unlisted)).toBe(4)
    expect(await stores.erase('holdfast', person)).toMatchObject({ holdfast_quarantine: 2 })
    expect(await world.db.collection('holdfast_quarantine').countDocuments(unlisted)).toBe(2)
  })
})

describe('D9: a delivery of many entries with many names each', () => {
  it('lets other work go on between two entries', async () => {
    let [hashes, most] = [0, 0]
    const counting = (value: string): string => {
      hashes += 1
      most = Math.max(most, hashes)
      return hash(value)
    }
    const watching = (): void => {
      hashes = 0
      next = setImmediate(watching)
    }
    let next = setImmediate(watching)
    const names = Array.from({ length: 400 }, (_, n) => `"auth0|n${n}"`).join(',')
    await createQuarantine(world.db, 'atproto', {
      keyring: world.keyring,
      hash: counting,
      keepDays: 90,
    }).store(
      Array.from({ length: 50 }, (_, n) => ({
        tenant: 'aesthetic',
        reason: 'a test',
        content: `[${n},${names}`,
      })),
    )
    clearImmediate(next)
    expect(most).toBeLessThanOrEqual(2 * 400)
  })
})
