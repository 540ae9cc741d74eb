import { beforeAll, describe, expect, it } from 'vitest'
import { PRIORITY } from '../../../src/contracts/priorities.ts'
import { eventually } from '../../support/eventually.ts'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { newPerson, reaches, type Person } from '../../support/people.ts'
import { openWebhook, taken, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
beforeAll(async () => {
  world = await openWorld()
  webhook = openWebhook(world)
})

const array = FORMATS.JSONARRAY
const strangers = (count: number) =>
  Array.from({ length: count }, (_, index) => entry({ type: 'ss', user_id: `auth0|crowd-${index}` }))

async function started(type: string): Promise<string[]> {
  const ids: string[] = []
  for await (const { workflowId } of world.temporal.workflow.list({ query: `WorkflowType = '${type}'` }))
    ids.push(workflowId)
  return ids
}

async function priorityOf(workflowId: string): Promise<number> {
  const { raw } = await world.temporal.workflow.getHandle(workflowId).describe()
  return raw.workflowExecutionInfo?.priority?.priorityKey ?? 0
}

describe('a large delivery', () => {
  it('is durable in a few calls, and the same again joins them', async () => {
    const crowd = strangers(250)
    expect(await webhook.deliver(array(crowd))).toEqual(taken(250))
    await eventually('three ingests', async () => (await started('ingest')).length === 3)
    await webhook.forget() // so that only the ids connect them
    expect(await webhook.deliver(array(crowd))).toEqual(taken(250))
    expect(await webhook.deliver(array(crowd))).toEqual(taken(0, { duplicates: 250 }))
    expect(await started('ingest')).toHaveLength(3)
    expect(await started('signup')).toEqual([])
  })

  it('carries nothing personal but the ids, and stays far under what Temporal takes', async () => {
    const [id = ''] = await started('ingest')
    const { events } = await world.temporal.workflow.getHandle(id).fetchHistory()
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data
    const text = Buffer.from(input ?? []).toString()
    expect(text).toContain('auth0|crowd-')
    expect(text).not.toContain('@')
    expect(text.length).toBeLessThan(50_000)
  })

  it('goes behind somebody who signs up now, and everybody in it arrives', async () => {
    const live = await newPerson(world, { verified: false })
    await webhook.deliver(array(entriesOf(world, live.identity)))
    expect(await priorityOf(world.idOf(live.identity))).toBe(PRIORITY.live)
    for (const id of await started('ingest')) expect(await priorityOf(id)).toBe(PRIORITY.bulk)

    await world.startWorker()
    await reaches(world, live, 'waiting-for-verification')
    await eventually(
      'every signup of the crowd is started',
      async () => (await started('signup')).length === 251,
    )
    // The crowd is unknown to Auth0, but its signup events are trusted; each person has a signup.
    expect(await priorityOf(world.idOf('auth0|crowd-0'))).toBe(PRIORITY.bulk)
  })
})

describe('logins', () => {
  it('of people we know cost a look in the database and no call to Temporal; a stranger is told', async () => {
    const known: Person = await newPerson(world, { verified: false })
    await webhook.deliver(array(entriesOf(world, known.identity)))
    await reaches(world, known, 'waiting-for-verification')
    const stranger = await newPerson(world, { verified: false })
    const before = (await started('signup')).length
    const logins = Array.from({ length: 60 }, () => entry({ type: 's', user_id: known.identity }))
    const batch = [...logins, entry({ type: 's', user_id: stranger.identity })]
    expect(await webhook.deliver(array(batch))).toEqual(taken(61))
    await reaches(world, stranger, 'waiting-for-verification')
    await eventually('one more', async () => (await started('signup')).length === before + 1)
    expect(await started('ingest')).toHaveLength(3)
  })
})
