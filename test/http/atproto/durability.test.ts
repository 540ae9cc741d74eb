import { beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { eventually } from '../../support/eventually.ts'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { newPerson, reaches } from '../../support/people.ts'
import { openWebhook, taken, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let whole: Webhook
let withoutTemporal: Webhook
let withoutMongo: Webhook
beforeAll(async () => {
  world = await openWorld()
  whole = openWebhook(world)
  withoutTemporal = openWebhook(world, { TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` })
  withoutMongo = openWebhook(world, { MONGODB_URI: `mongodb://127.0.0.1:${await freePort()}` })
})

const malformed = entry({ type: 'ss' })
const lost = { status: 503, body: { error: 'not durable yet, send it again' } }

async function signedUp() {
  const person = await newPerson(world, { verified: false })
  return { person, entries: entriesOf(world, person.identity) }
}

describe.concurrent('E13: Temporal is away', () => {
  it('nothing is answered 2xx that is not durable, and the same delivery is taken when it is back', async () => {
    const { person, entries } = await signedUp()
    const bodies = [FORMATS.JSONARRAY(entries), FORMATS.JSONLINES([malformed, ...entries])]
    const answers = await Promise.all(bodies.map((body) => withoutTemporal.deliver(body)))
    expect(answers).toEqual([lost, lost])
    for (const body of bodies) expect((await whole.deliver(body)).status).toBe(200)
    await world.startWorker()
    await reaches(world, person, 'waiting-for-verification')
  })

  it('the sender is told to come again soon, and the server says that it is alive but not ready', async () => {
    const [delivery, health, ready] = await Promise.all([
      withoutTemporal.app.request('/webhooks/auth0/aesthetic', {
        method: 'POST',
        headers: { authorization: world.env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' },
        body: FORMATS.JSONARRAY((await signedUp()).entries),
      }),
      withoutTemporal.app.request('/healthz'),
      withoutTemporal.app.request('/readyz'),
    ])
    expect(Number(delivery.headers.get('retry-after'))).toBeGreaterThan(0)
    expect([delivery.status, health.status, ready.status]).toEqual([503, 200, 503])
  })

  it('what asks for nothing of Temporal is taken all the same', async () => {
    expect(await withoutTemporal.deliver('[]')).toEqual(taken(0))
    const unknown = FORMATS.JSONARRAY([entry({ type: 'f' })])
    expect(await withoutTemporal.deliver(unknown)).toEqual(taken(0, { ignored: 1 }))
  })
})

describe('E13: MongoDB is away', () => {
  it('a malformed entry that cannot be kept aside is not answered 2xx', async () => {
    const { person, entries } = await signedUp()
    const body = FORMATS.JSONARRAY([malformed, ...entries])
    expect(await withoutMongo.deliver(body)).toEqual(lost)
    expect(await whole.deliver(body)).toEqual(taken(1, { quarantined: 1 }))
    await eventually('it is at Temporal', () => world.reader.status(world.idOf(person.identity)))
  })

  it('signups are taken: they wait at Temporal, not in the database', async () => {
    const { person, entries } = await signedUp()
    expect(await withoutMongo.deliver(FORMATS.JSONARRAY(entries))).toEqual(taken(1))
    expect(await world.reader.status(world.idOf(person.identity))).not.toBeNull()
  })

  it('the server says that it is alive but not ready', async () => {
    expect((await withoutMongo.app.request('/healthz')).status).toBe(200)
    expect((await withoutMongo.app.request('/readyz')).status).toBe(503)
  })
})

describe('a server that has everything it needs', () => {
  it('says so, and answers JSON also where there is nothing', async () => {
    const [healthz, readyz, nowhere] = await Promise.all(
      ['/healthz', '/readyz', '/nowhere'].map(async (path) => {
        const answer = await whole.app.request(path)
        return [answer.status, await answer.json()]
      }),
    )
    expect([healthz, readyz]).toEqual([
      [200, { ok: true }],
      [200, { ok: true }],
    ])
    expect(nowhere).toEqual([404, { error: 'no such address' }])
  })
})
