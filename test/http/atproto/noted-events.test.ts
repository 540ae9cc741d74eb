import { beforeAll, describe, expect, it } from 'vitest'
import { createNotedEvents } from '../../../src/state/mongo/events/noted-events.ts'
import { createAtprotoRecords } from '../../../src/state/mongo/atproto/person-records.ts'
import { createPersonalData } from '../../../src/state/mongo/personal-data.ts'
import type { CheckReport } from '../../../src/contracts/checks.ts'
import type { WatchResult } from '../../../src/contracts/watch.ts'
import { taskQueueOf } from '../../../src/contracts/systems.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { newPerson } from '../../support/people.ts'
import { openWebhook, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
beforeAll(async () => {
  world = await openWorld()
  webhook = openWebhook(world)
})

const YEAR_9999 = '9999-12-31T00:00:00Z'

describe('D10: events that start nothing and call for action', () => {
  it('are counted once by code and day; a failed verification mail is in the person’s why until they are deleted', async () => {
    const { identity } = await newPerson(world, { verified: false })
    const today = new Date().toISOString()
    const failed = { log_id: 'l1', type: 'fvr', user_id: identity, date: today }
    const body = JSON.stringify([failed, { ...failed, log_id: 'l2' }])
    expect((await webhook.deliver(body)).body).toMatchObject({ ignored: 2, quarantined: 0 })
    await webhook.deliver(body)
    await webhook.deliver(JSON.stringify([{ log_id: 'l3', type: 'fdu', date: YEAR_9999 }]))

    const { document } = await jsonOf(world.env, 'catch-up', 'atproto', '--status')
    const day = today.slice(0, 10)
    expect(document['events']).toEqual([
      { tenant: 'aesthetic', day, code: 'fdu', count: 1 },
      { tenant: 'aesthetic', day, code: 'fvr', count: 2 },
    ])
    const { stdout } = await holdfast(world.env, 'why', 'atproto', identity)
    expect(stdout).toMatch(/request for a verification mail failed \(fvr\) at .+ holdfast resend atproto/)

    const person = { tenant: 'aesthetic', identity, userId: identity }
    const stores = createPersonalData(world.db, 'atproto', {
      keyring: world.keyring,
      hash: (value) => value,
      records: createAtprotoRecords(world.db),
    })
    expect(await stores.count(person)).toMatchObject({ holdfast_failed_mails: 1 })
    await stores.erase('holdfast', person)
    expect(await createNotedEvents(world.db, 'atproto').failedMail(identity)).toBeNull()
  })
})

describe('D10: the last failure of a mail', () => {
  it('stays what it was when older events and repeated ones come', async () => {
    const noted = createNotedEvents(world.db, 'atproto')
    const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString()
    const keep = (code: string, at: string | null, logId: string) =>
      noted.record('aesthetic', [{ code, identity: 'auth0|mails', at, logId }])
    const [newer, older] = [hoursAgo(1), hoursAgo(5)]
    await keep('fvr', newer, 'm1')
    await keep('fv', older, 'm2')
    expect(await noted.failedMail('auth0|mails')).toEqual({ code: 'fvr', at: newer })

    await keep('fvr', null, 'm3')
    const first = await noted.failedMail('auth0|mails')
    await keep('fvr', null, 'm3')
    expect(await noted.failedMail('auth0|mails')).toEqual(first)
  })
})

describe('E18: the quarantine fills up', () => {
  it('is an alert with number and reasons, a finding of check and diagnose, and a line of catch-up --status', async () => {
    await webhook.deliver('[1, 2, {"log_id":"x","data":{"type":"ss","user_id":7}}]')
    await world.startWorker()
    const { alerts } = (await world.temporal.workflow.execute('watch', {
      taskQueue: taskQueueOf('atproto'),
      workflowId: 'watch/quarantine',
      args: [{}],
    })) as WatchResult
    const alert = alerts.find(({ name }) => name === 'events-quarantined')
    expect(alert).toMatchObject({ state: 'opened', count: 3 })
    expect(alert?.sentence).toBe(
      '3 events could not be read and are quarantined: not a log entry: no type (2), a "ss" event without a usable user_id (1).',
    )
    const check = (await jsonOf(world.env, 'check', 'atproto')).document as unknown as CheckReport
    expect(check.findings.map(({ name }) => name)).toContain('events-quarantined')
    expect(check.notices.map(({ name }) => name)).toContain('events-noted')
    const { stdout } = await holdfast(world.env, 'catch-up', 'atproto', '--status')
    expect(stdout).toContain('3 events could not be read and are quarantined')
    expect((await holdfast(world.env, 'diagnose', 'atproto')).stdout).toContain('events-quarantined')
  })
})
