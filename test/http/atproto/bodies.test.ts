import { beforeAll, describe, expect, it } from 'vitest'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { newPerson, reaches } from '../../support/people.ts'
import { openWebhook, taken, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  webhook = openWebhook(world)
})

async function signedUp() {
  const person = await newPerson(world, { verified: false })
  return { person, entries: entriesOf(world, person.identity, 'ss') }
}

const TYPES = ['application/json', 'application/x-ndjson', 'text/plain', 'application/octet-stream', '']

describe.each(Object.entries(FORMATS))('E3: a delivery in %s', (_, format) => {
  it('starts everybody in it, whatever its content type says', async () => {
    const people = await Promise.all(TYPES.map(signedUp))
    for (const [index, type] of TYPES.entries()) {
      const { entries = [] } = people[index] ?? {}
      expect(
        await webhook.deliver(format([...entries, entry({ type: 'f' })]), { 'content-type': type }),
      ).toEqual(taken(1, { ignored: 1 }))
    }
    for (const { person } of people) await reaches(world, person, 'waiting-for-verification')
  })

  it('may hold bare logs', async () => {
    const two = [await signedUp(), await signedUp()]
    const bare = two.flatMap(({ entries }) => entries.map(({ data }) => data))
    expect(await webhook.deliver(format(bare))).toEqual(taken(2))
    for (const { person } of two) await reaches(world, person, 'waiting-for-verification')
  })
})

describe('a delivery', () => {
  it('may be a lone entry, and a lone bare log, over several lines', async () => {
    const [wrapped, bare] = [await signedUp(), await signedUp()]
    expect(await webhook.deliver(JSON.stringify(wrapped.entries[0], null, 2))).toEqual(taken(1))
    expect(await webhook.deliver(JSON.stringify(bare.entries[0]?.data, null, 2))).toEqual(taken(1))
    for (const { person } of [wrapped, bare]) await reaches(world, person, 'waiting-for-verification')
  })

  it('of lines may end and be parted as Windows does, with empty lines and a byte order mark', async () => {
    const two = [await signedUp(), await signedUp()]
    const body = `\uFEFF\r\n${two.flatMap(({ entries }) => entries.map((one) => JSON.stringify(one))).join('\r\n\r\n')}\r\n`
    expect(await webhook.deliver(body)).toEqual(taken(2))
  })

  it.each([['[]'], ['{"logs":[]}']])('with nothing in it (%s) is nothing wrong', async (body) => {
    expect(await webhook.deliver(body)).toEqual(taken(0))
  })

  it('tells nothing of the e-mail, which is masked or hashed: the person is asked for by id', async () => {
    const { person, entries } = await signedUp()
    const masked = JSON.parse(
      JSON.stringify(entries).replaceAll(person.email, 'm*****@e******.com'),
    ) as unknown
    expect(await webhook.deliver(JSON.stringify(masked))).toEqual(taken(1))
    await reaches(world, person, 'waiting-for-verification')
  })
})

describe('an event of a code that asks for nothing', () => {
  const codes = [
    'seccft',
    'f',
    'fs',
    'svr',
    'fce',
    'sapi',
    'gd_auth_succeed',
    'brand_new',
    'constructor',
    '__proto__',
  ]

  it('is ignored and counted, in any number', async () => {
    expect(await webhook.deliver(FORMATS.JSONARRAY(codes.map((type) => entry({ type }))))).toEqual(
      taken(0, { ignored: codes.length }),
    )
  })

  it('starts nothing for the person in it', async () => {
    const { person } = await signedUp()
    const about = codes.map((type) => entry({ type, user_id: person.identity }))
    expect((await webhook.deliver(FORMATS.JSONLINES(about))).status).toBe(200)
    expect(await world.reader.status(world.idOf(person.identity))).toBeNull()
  })
})
