import { beforeAll, describe, expect, it } from 'vitest'
import { createQuarantine } from '../../../src/state/mongo/quarantine/quarantine.ts'
import { isSealed } from '../../../src/crypto/keyring.ts'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { address, expectComplete, newPerson, reaches } from '../../support/people.ts'
import { openWebhook, taken, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  webhook = openWebhook(world)
})

interface Kept {
  _id: string
  content: string
  expiresAt: Date
}
const kept = () => world.db.collection<Kept>('holdfast_quarantine')
const opened = ({ _id, content }: Kept): string =>
  world.keyring.open(content, { collection: 'holdfast_quarantine', person: _id, field: 'content' })

describe.each(Object.entries(FORMATS))(
  'E3: a batch of good, malformed, duplicate, good in %s',
  (name, format) => {
    it('has its good ones done and its malformed one kept aside, visibly', async () => {
      const two = [await newPerson(world), await newPerson(world)]
      const [first = [], second = []] = two.map(({ identity }) => entriesOf(world, identity))
      const malformed = entry({ type: 'ss', description: `no user in ${name}` })
      const batch = [...first, malformed, ...first, ...second]
      expect(await webhook.deliver(format(batch))).toEqual(taken(4, { duplicates: 2, quarantined: 1 }))
      for (const person of two) await expectComplete(world, person)

      const listed = await webhook.quarantine.list(1)
      expect(listed).toEqual([
        expect.objectContaining({
          tenant: 'aesthetic',
          reason: 'a "ss" event without a usable user_id',
          times: 1,
        }),
      ])
      const [document] = await kept()
        .find({ _id: listed[0]?.id ?? '' })
        .toArray()
      expect(document && JSON.parse(opened(document))).toEqual(malformed)
    })
  },
)

describe('E3: a malformed entry', () => {
  it.each([
    ['a number', '4'],
    ['null', 'null'],
    ['text', '"text"'],
    ['an array', '[{"type":"ss"}]'],
    ['an object of something else', '{"hello":"world"}'],
    ['an empty object', '{}'],
    ['an entry without its log', '{"log_id":"1","data":null}'],
    ['an entry with a type that is none', '{"log_id":"1","data":{"type":7,"user_id":"auth0|1"}}'],
    ['a verification of nobody', '{"log_id":"1","data":{"type":"sv"}}'],
    ['a signup of an id with a NUL', '{"type":"ss","user_id":"auth0|1\\u0000"}'],
    ['a signup of an id with half a character', '{"type":"ss","user_id":"auth0|1\\ud800"}'],
    ['a signup of an id that is a path segment', '{"type":"ss","user_id":".."}'],
    ['a signup of an id that is endless', JSON.stringify({ type: 'ss', user_id: 'x'.repeat(5_000) })],
    ['a signup of an id that is a list', '{"type":"ss","user_id":["auth0|1"]}'],
  ])('that is %s does not harm its neighbours', async (_, raw) => {
    const person = await newPerson(world, { verified: false })
    const good = JSON.stringify(entriesOf(world, person.identity)[0])
    expect(await webhook.deliver(`[${raw},${good}]`)).toEqual(taken(1, { quarantined: 1 }))
    await reaches(world, person, 'waiting-for-verification')
  })

  it('of bytes that are no UTF-8 does not harm the other lines', async () => {
    const person = await newPerson(world, { verified: false })
    const good = new TextEncoder().encode(`${JSON.stringify(entriesOf(world, person.identity)[0])}\n`)
    const bad = new Uint8Array([
      ...new TextEncoder().encode('{"log_id":"'),
      0xff,
      ...new TextEncoder().encode('"}\n'),
    ])
    expect(await webhook.deliver(new Uint8Array([...good, ...bad]))).toEqual(taken(1, { quarantined: 1 }))
    await reaches(world, person, 'waiting-for-verification')
  })

  it('that breaks off in the middle of its line does not harm the other lines', async () => {
    const person = await newPerson(world, { verified: false })
    const good = JSON.stringify(entriesOf(world, person.identity)[0])
    const broken = good.slice(0, 90)
    expect(await webhook.deliver(`${broken}\n${good}`)).toEqual(taken(1, { quarantined: 1 }))
    await reaches(world, person, 'waiting-for-verification')
    const all = await kept().find().toArray()
    expect(all.map(opened)).toContain(broken)
  })

  it('that comes again only counts up, however many come at once', async () => {
    const malformed = entry({ type: 'ss', description: 'again and again' })
    const batch = FORMATS.JSONARRAY(Array.from({ length: 20 }, () => malformed))
    const before = await kept().countDocuments()
    const answers = await Promise.all([1, 2, 3].map(() => webhook.deliver(batch)))
    expect(answers).toEqual(answers.map(() => taken(0, { quarantined: 20 })))
    expect(await kept().countDocuments()).toBe(before + 1)
    const [newest] = await webhook.quarantine.list(1)
    expect(newest?.times).toBe(60)
    expect(Date.parse(newest?.lastSeen ?? '')).toBeGreaterThanOrEqual(Date.parse(newest?.firstSeen ?? ''))
  })

  it('stands sealed in the database: whatever was in it, nobody reads it there', async () => {
    const email = address()
    const malformed = entry({ type: 'ss', details: { body: { email, password: 'hunter22222' } } })
    await webhook.deliver(FORMATS.JSONARRAY([malformed]))
    const all = await kept().find().toArray()
    expect(JSON.stringify(all)).not.toContain(email)
    expect(JSON.stringify(all)).not.toContain('hunter22222')
    expect(all.every(({ content }) => isSealed(content))).toBe(true)
    expect(all.map(opened).filter((content) => content.includes(email))).toHaveLength(1)
  })

  it('is gone after ninety days, by the work of the database', async () => {
    const indexes = await kept().listIndexes().toArray()
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }))
    const [one] = await kept().find().toArray()
    const days = ((one?.expiresAt.getTime() ?? 0) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(90)
  })
})

describe("E18: a tenant's bound of a day", () => {
  const bounded = (tenant: string) => {
    const quarantine = createQuarantine(world.db, 'atproto', {
      keyring: world.keyring,
      hash: (text) => text.padEnd(24, '.'),
      keepDays: 90,
      quota: { entries: 3, bytes: 1_000 },
    })
    const keep = (...contents: string[]) =>
      quarantine.store(contents.map((content) => ({ tenant, reason: 'not JSON', content })))
    const stored = async () => (await kept().find({ tenant }).toArray()).map(opened).toSorted()
    const exceeded = async () =>
      (await quarantine.exceeded()).filter((one) => one.tenant === tenant).map((one) => one.notStored)
    return { keep, stored, exceeded }
  }

  it('stores so many new entries, and counts the rest', async () => {
    const { keep, stored, exceeded } = bounded('by-number')
    expect(await keep('1', '2')).toEqual({ notStored: 0 })
    expect(await keep('2', '3', '4', '5')).toEqual({ notStored: 2 })
    expect(await stored()).toEqual(['1', '2', '3'])
    expect(await exceeded()).toEqual([2])
    expect(await keep('1')).toEqual({ notStored: 0 }) // it is there already, so only its count grows
  })

  it('stores so many bytes', async () => {
    const { keep, stored } = bounded('by-bytes')
    expect(await keep('a'.repeat(800), 'b'.repeat(800), 'c')).toEqual({ notStored: 2 })
    expect(await stored()).toEqual(['a'.repeat(800)])
  })

  it('is shared by all servers at once', async () => {
    const { keep, stored, exceeded } = bounded('at-once')
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => keep(`${name}1`, `${name}2`)))
    expect(await stored()).toHaveLength(3)
    expect(await exceeded()).toEqual([7])
  })
})
