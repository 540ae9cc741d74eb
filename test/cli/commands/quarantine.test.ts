import { createActionLog } from '../../../src/state/mongo/actions.ts'
import { quarantineSummary } from '../../../src/state/mongo/quarantine/summary.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { holdfast, jsonOf } from '../../support/command.ts'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { newPerson, reaches, type Person } from '../../support/people.ts'
import { openWebhook, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
beforeAll(async () => {
  world = await openWorld({ otherTenants: ['sotce'] })
  await world.startWorker()
  webhook = openWebhook(world)
})

const listed = async () => {
  const entries = await webhook.quarantine.list(50)
  const { reasons: counts } = await quarantineSummary(world.db, 'atproto')
  return { entries, counts, total: entries.length }
}
const run = (...args: string[]) => holdfast(world.env, 'quarantine', 'atproto', ...args)
const kept = () =>
  world.db.collection<{ _id: string; tenant: string; content: string }>('holdfast_quarantine')

/** An entry that an older version could not read, and this one can. */
async function misread(person: Person, tenant = 'aesthetic'): Promise<string> {
  const [signedUp] = entriesOf(world, person.identity)
  await webhook.quarantine.store([
    { tenant, reason: 'not understood then', content: JSON.stringify(signedUp) },
  ])
  return (await listed()).entries[0]?.id ?? ''
}

const WHY = ['--reason', 'ticket 512']

describe('E3: what was kept aside', () => {
  it('is counted by reason', async () => {
    const two = [entry({ type: 'ss' }), entry({ type: 'sv' }), entry({ type: 'ss', description: 'another' })]
    await webhook.deliver(FORMATS.JSONARRAY(two))
    expect((await jsonOf(world.env, 'quarantine', 'atproto', 'list')).document).toMatchObject({
      total: 3,
      counts: {
        'a "ss" event without a usable user_id': 2,
        'a "sv" event without a usable user_id': 1,
      },
    })
  })

  it('is shown as it came, with its reason and its times', async () => {
    const { entries } = await listed()
    const { code, stdout } = await run('show', entries[0]?.id ?? '', ...WHY)
    expect(code).toBe(0)
    expect(stdout).toContain(entries[0]?.reason)
    expect(stdout).toContain('"log_id"')
    const [recorded] = await createActionLog(world.db).list({}, 1)
    expect(recorded).toMatchObject({ name: 'quarantine show', outcome: 'shown', count: 1, keyIds: ['test'] })
    expect(JSON.stringify(recorded)).not.toContain('log_id')
    const [nobody, nothing] = await Promise.all([run('show', 'nobody', ...WHY), run('show', ...WHY)])
    expect([nobody.code, nothing.code]).toEqual([1, 2])
  })

  it('goes its way when it can be read now, and stays with its reason when it cannot', async () => {
    const person = await newPerson(world, { verified: false })
    const id = await misread(person)
    const { code, document } = await jsonOf(world.env, 'quarantine', 'atproto', 'retry', '--all')
    expect(document).toMatchObject({ taken: 1, kept: 3 })
    expect(code).toBe(1)
    await reaches(world, person, 'waiting-for-verification')
    const { entries } = await listed()
    expect(entries).toHaveLength(3)
    expect(entries.map((left) => left.id)).not.toContain(id)
  })

  it('stays where its tenant is not configured, or no key opens it, and harms nobody beside it', async () => {
    const [one, other] = [
      await newPerson(world, { verified: false }),
      await newPerson(world, { verified: false }),
    ]
    const good = await misread(one)
    const homeless = await misread(other, 'gone')
    await kept().insertOne({ ...(await kept().findOne({ _id: good })), _id: 'moved' } as never)
    const { document } = await jsonOf(world.env, 'quarantine', 'atproto', 'retry', '--all')
    expect(document).toMatchObject({ taken: 1 })
    const reasons = (await listed()).entries.filter(({ id }) => [homeless, 'moved'].includes(id))
    expect(reasons.map(({ reason }) => reason).toSorted()).toEqual([
      expect.stringContaining('cannot be decrypted') as string,
      'its tenant gone is not configured',
    ])
    await reaches(world, one, 'waiting-for-verification')
  })

  it('is dropped when somebody says so, and only then', async () => {
    const { entries, total } = await listed()
    const unsaid = await run('drop', '--all')
    expect(unsaid).toMatchObject({ code: 2 })
    expect(unsaid.stderr).toContain('--yes')
    expect((await listed()).total).toBe(total)
    const [one = '', ...others] = entries.map(({ id }) => id)
    const answers = await Promise.all([
      run('drop', one, '--yes'),
      run('drop', 'nobody', '--yes'),
      run('drop', 'x', '--all'),
    ])
    expect(answers.map(({ code }) => code)).toEqual([0, 1, 2])
    expect((await listed()).entries.map(({ id }) => id)).toEqual(others)
    expect(await run('drop', '--all', '--yes')).toMatchObject({ code: 0 })
    expect((await listed()).total).toBe(0)
  })

  it('is kept as long as the policy says', async () => {
    const short = openWebhook(world, { HOLDFAST_QUARANTINE_DAYS: '2' })
    await short.deliver(FORMATS.JSONARRAY([entry({ type: 'ss' })]))
    const [found] = await short.quarantine.list(1)
    const days = (Date.parse(found?.expiresAt ?? '') - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(2)
  })
})
