import { beforeAll, describe, expect, it } from 'vitest'
import { createSignups } from '../../src/client/signups.ts'
import { loadConfig } from '../../src/config.ts'
import type { WatchResult } from '../../src/contracts/watch.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'
import { eventually } from '../support/eventually.ts'
import { openLibraryWorld, type LibraryWorld } from '../support/library/world.ts'

let library: LibraryWorld
beforeAll(async () => {
  library = await openLibraryWorld()
  await Promise.all([library.startWorker(), library.startServer()])
})

const deliver = (...lines: string[]) =>
  fetch(`${library.env['HOLDFAST_URL']}/webhooks/library`, { method: 'POST', body: lines.join('\n') })

const watch = (): Promise<WatchResult> =>
  library.world.temporal.workflow.execute('watch', {
    taskQueue: 'holdfast-library',
    workflowId: 'watch/library/test',
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [{ blockedMinutes: 0 }],
  })

const signupsOfLibrary = () =>
  createSignups(library.world.temporal, 'library', createIdHash(loadConfig(['keys'], library.env).keys.id))

const joined = (id: string) =>
  JSON.stringify({ id: `e-${id}`, event: 'joined', member: id, at: new Date().toISOString() })

async function hasCard(id: string): Promise<string> {
  return eventually(`the card of ${id}`, () => library.cardOf(id))
}

describe('a system that is served alone, with no Auth0, no PDS and no line in a general file', () => {
  it('gives a person of its webhook their record, and says so by status, list and why', async () => {
    const id = await library.join()
    expect(await (await deliver(joined(id))).json()).toEqual({
      accepted: 1,
      duplicates: 0,
      ignored: 0,
      quarantined: 0,
    })
    const card = await hasCard(id)
    const { document } = await eventually('the signup is completed', async () => {
      const status = await library.json('status', 'library', id)
      return status.document['stage'] === 'completed' ? status : null
    })
    expect(document).toMatchObject({
      system: 'library',
      tenant: '-',
      workflowId: `signup/library/-/${id}`,
      code: card,
    })
    await eventually('it is listed', async () => {
      const page = await library.json('list', 'library')
      const signups = page.document['signups'] as { identity: string }[]
      return signups.some(({ identity }) => identity === id)
    })
    const { stdout } = await library.run('list', 'library')
    expect(stdout).toMatch(/^PERSON .* CARD /)
    expect(stdout.split('\n').find((line) => line.includes(id))).toContain(card)
    // each store has a few seconds to answer, which a loaded machine may need for itself
    const why = await eventually('every store answers', async () => {
      const page = await library.json('why', 'library', card)
      const stores = page.document['stores'] as { answered: boolean }[] | undefined
      return stores?.every(({ answered }) => answered) === true ? page : null
    })
    expect(why.document).toMatchObject({ identity: id, stage: 'completed', problems: [], known: true })
    expect(why.document['history']).toEqual(
      expect.arrayContaining([expect.objectContaining({ text: 'the card was issued' })]),
    )
  })

  it('starts a signup by command, which waits for the person', async () => {
    const id = await library.join({ confirmed: false })
    const { code, document } = await library.json('signup', 'library', id)
    expect({ code, document }).toMatchObject({ code: 0, document: { identity: id } })
    await eventually('it waits', async () => {
      const { document: now } = await library.json('status', 'library', id)
      return now['stage'] === 'waiting-for-verification'
    })
    await library.db.query(
      'update members set confirmed = true, changed_at = clock_timestamp() where id = $1',
      [id],
    )
    const retried = await library.run('retry', 'library', id)
    expect(retried.code).toBe(0)
    await hasCard(id)
  })

  it('refuses an identity of another form, and names one of its own', async () => {
    const { code, stderr } = await library.run('status', 'library', 'auth0|6123abc')
    expect(code).toBe(2)
    expect(stderr).toContain('m-0123abcd')
  })

  it('refuses by name a command that it does not have', async () => {
    const { code, stderr } = await library.run('resend', 'library', 'm-0123abcd')
    expect(code).toBe(2)
    expect(stderr).toMatch(/library/)
  })

  it('starts nothing for an ignored person in an alert, and shows them', async () => {
    const id = await library.join({ confirmed: false })
    const until = new Date(Date.now() + 86_400_000).toISOString()
    const added = await library.run('ignore', 'library', id, '--until', until, '--reason', 'a test account')
    expect(added.code).toBe(0)
    const listed = await library.json('ignore', 'library', '--list')
    expect(listed.document['ignored']).toMatchObject([{ identity: id, tenant: '-' }])
    expect((await library.run('ignore', 'library', id, '--drop')).code).toBe(0)
  })

  it('creates nothing while it is paused, and what was blocked goes on with resume', async () => {
    expect((await library.run('pause', 'library', '--reason', 'a move')).code).toBe(0)
    const id = await library.join()
    await deliver(joined(id))
    await eventually('it is blocked', async () => {
      const { document } = await library.json('status', 'library', id)
      return (document['problem'] as { name: string } | null)?.name === 'paused'
    })
    expect(await library.cardOf(id)).toBeNull()
    expect((await library.run('resume', 'library')).code).toBe(0)
    await hasCard(id)
  })

  it('quarantines what it cannot read, and retries it', async () => {
    const answer = await deliver(JSON.stringify({ id: 'odd', event: 'joined', member: 'nobody' }))
    expect(await answer.json()).toMatchObject({ accepted: 0, quarantined: 1 })
    const { document } = await library.json('quarantine', 'library', 'list')
    expect(JSON.stringify(document)).toContain('the member is not one of the library')
    const entries = document['entries'] as { id: string }[]
    const [{ id } = { id: '' }] = entries
    const retried = await library.json('quarantine', 'library', 'retry', id)
    expect(JSON.stringify(retried.document)).toContain('kept')
    expect((await library.run('quarantine', 'library', 'drop', id, '--yes')).code).toBe(0)
  })

  it('finds a person for whom no event came', async () => {
    const id = await library.join()
    const { code, document } = await library.json('catch-up', 'library')
    expect(code).toBe(0)
    expect(JSON.stringify(document)).toContain('foundInLists')
    await hasCard(id)
    const again = await library.json('catch-up', 'library')
    expect(JSON.stringify(again.document)).toMatch(/"foundInLists":0/)
  })

  it('audits its people, and repairs those who lack a record: dry run first, verified after', async () => {
    const ids = [await library.join({ daysAgo: 1 }), await library.join({ daysAgo: 1 })]
    const audit = await library.json('audit', 'library')
    expect(audit.code).toBe(1)
    const findings = audit.document['findings'] as { identity: string }[]
    expect(findings.map(({ identity }) => identity).toSorted()).toEqual(ids.toSorted())
    expect(audit.document).toMatchObject({ system: 'library', gaps: { 'card-missing': 2 }, pass: false })
    const { identities, members } = audit.document['counts'] as Record<string, number>
    expect(identities).toBe(members)
    const { stdout: page } = await library.run('audit', 'library')
    expect(page).not.toContain('tenant')

    const dry = await library.json('backfill', 'library')
    expect(dry.document).toMatchObject({ dryRun: true, totalMissing: 2 })
    for (const id of ids) expect(await library.cardOf(id)).toBeNull()

    const fixed = await library.json('backfill', 'library', '--fix', '--yes')
    expect(fixed.document).toMatchObject({ dryRun: false, successful: 2, failed: 0, verified: 2 })
    for (const id of ids) expect(await library.cardOf(id)).toMatch(/^C/)
    expect((await library.json('audit', 'library')).document).toMatchObject({ pass: true, findings: [] })
  })

  it('has schedules of its own', async () => {
    expect((await library.run('schedules', 'library', 'apply')).code).toBe(0)
    const { document } = await library.json('schedules', 'library', 'list')
    const rows = document['schedules'] as { id: string }[]
    expect(rows.map(({ id }) => id).toSorted()).toEqual([
      'library-audit',
      'library-catch-up',
      'library-watch',
    ])
  })

  it('is checked as it is configured', async () => {
    const { document } = await library.json('check', 'library')
    const findings = document['findings'] as { name: string }[]
    expect(findings.map(({ name }) => name)).toEqual([])
    const checks = document['checks'] as { name: string; ok: boolean }[]
    expect(checks.find(({ name }) => name === 'library')).toMatchObject({ ok: true })
    const { document: report } = await library.json('diagnose', 'library')
    expect(report['counts']).toMatchObject({ members: expect.any(Number) as number })
  })

  it('names a dependency that is away, and goes on when watch finds it back', async () => {
    await library.setFrontDesk('away')
    const id = `m-${'0'.repeat(8)}`
    await library.json('signup', 'library', id)
    await eventually('it is blocked', async () => {
      const { document } = await library.json('status', 'library', id)
      return (document['problem'] as { name: string } | null)?.name === 'library-unreachable'
    })
    await library.setFrontDesk('there')
    await library.db.query('insert into members (id) values ($1)', [id])
    await eventually('the watch retries it', async () => {
      await watch()
      return library.cardOf(id)
    })
  })

  it('names the database of its state where that is away, and goes on when it is back', async () => {
    const id = await library.join()
    await library.postgres.kill()
    // No command begins while its action cannot be recorded: a webhook handler starts the signup.
    await signupsOfLibrary().notify({ tenant: '-', identity: id, signedUpAt: new Date().toISOString() })
    await eventually('it is blocked', async () => {
      const { document } = await library.json('status', 'library', id)
      // the step asks the library first, whose tables are in the same database
      return /^(library|postgres)-unreachable$/.test(
        (document['problem'] as { name: string } | null)?.name ?? '',
      )
    })
    expect((await watch()).dependencies).toContainEqual(
      expect.objectContaining({ dependency: 'postgres', problem: 'postgres-unreachable' }),
    )
    const { code, stderr } = await library.run('pause', 'library', '--reason', 'a test')
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Postgres does not answer') as string,
    })
    await library.postgres.restart()
    await eventually('the watch retries it', async () => {
      await watch()
      return library.cardOf(id)
    })
  })

  it('deletes and exports a person', async () => {
    const id = await library.join()
    await deliver(joined(id))
    await hasCard(id)
    const exported = await library.json('export', 'library', id, '--reason', 'their request')
    expect(exported.document).toMatchObject({
      system: 'library',
      application: { cards: [{ member_id: id }] },
    })
    await library.db.query('delete from members where id = $1', [id])
    const { code, document } = await library.json('delete', 'library', id, '--yes')
    expect({ code, document }).toMatchObject({ code: 0, document: { outcome: 'deleted' } })
    expect(await library.cardOf(id)).toBeNull()
  })
})
