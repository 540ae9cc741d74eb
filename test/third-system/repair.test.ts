import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EmbeddedServer } from '../../dev/servers/lib/server.ts'
import type { BackfillProgress, BackfillResult } from '../../src/contracts/backfill.ts'
import { eventually } from '../support/eventually.ts'
import { openLibraryWorld, type LibraryWorld } from '../support/library/world.ts'

const SIZE = 100

let library: LibraryWorld
let worker: EmbeddedServer
beforeAll(async () => {
  library = await openLibraryWorld()
  worker = await library.startWorker()
})
beforeEach(async () => {
  await speedUp()
  await library.db.query('drop table if exists loans; truncate cards, members')
})

/** Members whose reserved card was not issued; of every tenth, the database refuses the number. */
async function reserve(count: number, { bad = false } = {}): Promise<void> {
  await library.db.query(
    `insert into members (id, signed_up_at, reserved_number)
     select 'm-' || lpad(to_hex(n), 8, '0'), now() - interval '1 day',
       case when $2 and n % 10 = 7 then 'X' else 'C' end || n from generate_series(0, $1 - 1) as n`,
    [count, bad],
  )
}

/** Cards whose member is gone; every tenth is lent, so that the database refuses to remove it. */
async function leave(count: number): Promise<void> {
  await library.db.query('create table if not exists loans (card text references cards (number))')
  await library.db.query(
    `insert into cards (member_id, number)
     select 'm-f' || lpad(to_hex(n), 7, '0'), 'CF' || n from generate_series(0, $1 - 1) as n`,
    [count],
  )
  await library.db.query(`insert into loans select number from cards where number like 'CF%7'`)
}

async function cards(): Promise<number> {
  const { rows } = await library.db.query<{ count: number }>('select count(*)::int as count from cards')
  return rows[0]?.count ?? 0
}

/** Makes each batch of cards take more than a second, so that a command reaches a run that is midway. */
async function slowDown(): Promise<void> {
  await library.db.query(`
    create or replace function take_time() returns trigger language plpgsql as
      $$ begin perform pg_sleep(1.5); return null; end $$;
    create trigger take_time after insert on cards for each statement execute function take_time()`)
}

async function speedUp(): Promise<void> {
  await library.db.query('drop trigger if exists take_time on cards')
}

const backfill = async (...options: string[]) => {
  const { code, document } = await library.json('backfill', 'library', ...options)
  return { code, result: document as unknown as BackfillResult }
}

/** The progress of the backfill that is running. */
async function running(): Promise<{ run: string; progress: BackfillProgress } | null> {
  const query = `WorkflowType = 'backfill' and ExecutionStatus = 'Running'`
  for await (const { workflowId } of library.world.temporal.workflow.list({ query })) {
    const progress = await library.world.temporal.workflow
      .getHandle(workflowId)
      .query<BackfillProgress>('progress')
    return { run: workflowId.split('/').at(-1) ?? '', progress }
  }
  return null
}
const atLeast = (people: number) =>
  eventually(`${people} people are done`, async () => {
    const now = await running()
    return now !== null && now.progress.done >= people ? now : null
  })

describe('a backfill whose every tenth row the database refuses', () => {
  it('names each of them with the reason, repairs all others, and finds the refused again', async () => {
    await reserve(3 * SIZE, { bad: true })
    const { code, result } = await backfill('--fix', '--yes', '--max-changes', '2000')
    expect(code).toBe(1)
    expect(result).toMatchObject({ totalMissing: 300, successful: 270, failed: 30, verified: 270 })
    expect(result.failures).toHaveLength(30)
    expect(result.failures[0]).toEqual({
      identity: 'm-00000007',
      problem: 'library-refused',
      sentence: "The library's database refused a card (SQLSTATE 23514).",
      fix: 'Correct the reserved number of the member.',
    })
    expect(await cards()).toBe(270)
    const { document } = await library.json('audit', 'library')
    expect(document).toMatchObject({ gaps: { 'card-unissued': 30 } })
    const { stdout } = await library.run('backfill', 'library', '--fix', '--yes')
    expect(stdout).toMatch(/m-00000007 .*library-refused/)
  })
})

describe('a backfill that is stopped midway', () => {
  it('pauses between two pages, and goes on when it is resumed', async () => {
    await reserve(20 * SIZE)
    await slowDown()
    const ended = backfill('--fix', '--yes', '--max-changes', '2000')
    const { run } = await atLeast(SIZE)
    expect((await library.json('backfill', 'pause', run)).code).toBe(0)
    const handle = library.world.temporal.workflow.getHandle(`backfill/library/${run}`)
    await eventually('the page is over', async () => {
      const { raw } = await handle.describe()
      return (await running())?.progress.paused === true && (raw.pendingActivities ?? []).length === 0
    })
    const paused = await running()
    expect(paused?.progress).toMatchObject({ phase: 'repairing', total: 2_000 })
    expect(await cards()).toBe(paused?.progress.done)
    expect(await cards()).toBeLessThan(2_000)
    await speedUp()
    expect((await library.json('backfill', 'resume', run)).code).toBe(0)
    expect((await ended).result).toMatchObject({ successful: 2_000, failed: 0, verified: 2_000 })
  })

  it('ends when it is cancelled, with what was done', async () => {
    await reserve(20 * SIZE)
    await slowDown()
    const ended = library.run('backfill', 'library', '--fix', '--yes', '--max-changes', '2000')
    const { run } = await atLeast(SIZE)
    expect((await library.json('backfill', 'cancel', run)).code).toBe(0)
    expect(await ended).toMatchObject({ code: 2 })
    expect(await running()).toBeNull()
    expect(await cards()).toBeGreaterThanOrEqual(SIZE)
    expect(await cards()).toBeLessThan(2_000)
  })

  it('goes on after its worker was killed, and repairs each once', async () => {
    await reserve(20 * SIZE)
    await slowDown()
    const ended = backfill('--fix', '--yes', '--max-changes', '2000')
    await atLeast(SIZE)
    await worker.kill()
    await speedUp()
    await worker.restart()
    expect((await ended).result).toMatchObject({ successful: 2_000, failed: 0, verified: 2_000 })
    expect(await cards()).toBe(2_000)
  })

  it('waits out the pause of the whole system, and says so', async () => {
    await reserve(2 * SIZE)
    expect((await library.run('pause', 'library', '--reason', 'a move')).code).toBe(0)
    const ended = backfill('--fix', '--yes', '--max-changes', '2000')
    // the statement in flight ends first, and a step is tried three times
    const wait = await eventually('it waits', async () => (await running())?.progress.waitsFor, 120_000)
    expect(wait).toMatchObject({
      problem: 'paused',
      fix: expect.stringContaining('holdfast resume library') as string,
    })
    expect(await cards()).toBe(0)
    expect((await library.run('resume', 'library')).code).toBe(0)
    expect((await ended).result).toMatchObject({ successful: 200, failed: 0, verified: 200 })
  })

  it('waits out an outage of the database, and says so', async () => {
    await reserve(20 * SIZE)
    await slowDown()
    const ended = backfill('--fix', '--yes', '--max-changes', '2000')
    await atLeast(SIZE)
    await library.postgres.kill()
    // the statement in flight ends first, and a step is tried three times
    const wait = await eventually('it waits', async () => (await running())?.progress.waitsFor, 120_000)
    expect(wait.problem).toMatch(/-unreachable$/)
    await library.postgres.restart()
    await speedUp()
    expect((await ended).result).toMatchObject({ successful: 2_000, failed: 0, verified: 2_000 })
  })
})

describe('records that nobody owns', () => {
  it('are only counted without --remove; with it they are in the plan, and removed last', async () => {
    await reserve(20)
    await leave(50)
    const dry = (await backfill()).result
    expect(dry).toMatchObject({ totalMissing: 20, removals: 0, removable: 50 })
    expect(dry.message).toContain('The records of 50 people would be removed with --remove')
    const withRemoval = (await backfill('--remove')).result
    expect(withRemoval).toMatchObject({ totalMissing: 70, removals: 50, removable: 0 })
    expect(withRemoval.digest).not.toBe(dry.digest)

    const refused = await backfill('--fix', '--plan', withRemoval.planId)
    expect(refused.result).toMatchObject({ refused: 'plan-consent', processed: 0 })
    expect(await cards()).toBe(50)
    const braked = await backfill('--fix', '--remove', '--max-changes', '60')
    expect(braked.result).toMatchObject({ refused: 'brake', processed: 0 })

    const kept = await backfill('--fix', '--yes')
    expect(kept.result).toMatchObject({ successful: 20, removed: 0, removable: 50 })
    expect(await cards()).toBe(70)

    const { code, result } = await backfill('--fix', '--remove', '--yes')
    expect(code).toBe(1)
    expect(result).toMatchObject({ totalMissing: 50, removed: 45, successful: 45, failed: 5, verified: 45 })
    expect(result.failures[0]).toMatchObject({ identity: 'm-f0000007', problem: 'library-refused' })
    expect(await cards()).toBe(25)
  })

  it('are not removed of a person who became a member meanwhile', async () => {
    await leave(1)
    const { planId } = (await backfill('--remove')).result
    await library.db.query(`insert into members (id) select member_id from cards`)
    const { result } = await backfill('--fix', '--remove', '--plan', planId)
    expect(result).toMatchObject({ refused: 'plan-moved', processed: 0 })
    expect(await cards()).toBe(1)
  })
})
