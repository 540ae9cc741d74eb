import type { WorkflowHandle } from '@temporalio/client'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EmbeddedServer } from '../../dev/servers/lib/server.ts'
import type { BackfillProgress, BackfillResult } from '../../src/contracts/backfill.ts'
import type { Finding } from '../../src/contracts/gaps.ts'
import { shellEnv } from '../../src/config.ts'
import { eventually } from '../support/eventually.ts'
import {
  acceptMarked,
  issuedCards,
  markedMembers,
  populate,
  recordIssues,
  refuseMarked,
} from '../support/library/population.ts'
import { openLibraryWorld, type LibraryWorld } from '../support/library/world.ts'

/** Twice what T3 asks for; `LIBRARY_MEMBERS=100000` was run as well. */
const RESERVED = Number(shellEnv()['LIBRARY_MEMBERS'] ?? 20_000)
const REFUSED = RESERVED / 10
const ISSUABLE = RESERVED - REFUSED
const UNRESERVED = 300
const UNOWNED = 400
const MISSING = RESERVED + UNRESERVED
const REPAIRABLE = ISSUABLE + UNRESERVED
/** Temporal ends a workflow whose history is longer than this. */
const LONGEST_HISTORY = 51_200
/** A run continues as new after some thousand events, which the repair of so many members surely has. */
const SEVERAL_RUNS = 100_000
const PATIENCE_MS = 300_000

let library: LibraryWorld
let worker: EmbeddedServer
beforeAll(async () => {
  library = await openLibraryWorld()
  const { db } = library
  await populate(db, { reserved: RESERVED, refusedEvery: 10, unreserved: UNRESERVED, unowned: UNOWNED })
  await refuseMarked(db)
  await recordIssues(db)
  await library.startServer()
  worker = await library.startWorker()
})

type Backfill = BackfillResult & { readonly changes?: readonly Finding[] }

async function backfill(...options: string[]): Promise<{ code: number | null; result: Backfill }> {
  const { code, document } = await library.json('backfill', 'library', ...options)
  return { code, result: document as unknown as Backfill }
}

const limit = ['--max-changes', String(2 * RESERVED)]
const fix = (...options: string[]) => backfill('--fix', ...limit, ...options)
const issued = () => issuedCards(library.db)
const now = (run: WorkflowHandle) => run.query<BackfillProgress>('progress')

/** The backfill that is running; an operator sees its id in Temporal's list. */
async function runningBackfill(): Promise<WorkflowHandle> {
  const { workflow } = library.world.temporal
  return eventually('the backfill is listed', async () => {
    const query = "WorkflowType = 'backfill' AND ExecutionStatus = 'Running'"
    for await (const { workflowId } of workflow.list({ query })) return workflow.getHandle(workflowId)
    return null
  })
}

/** The number of events in each run of a workflow. */
async function historiesOf({ workflowId }: WorkflowHandle): Promise<number[]> {
  const { workflow } = library.world.temporal
  return eventually('its runs are listed as ended', async () => {
    const lengths: number[] = []
    for await (const run of workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      if (run.status.name === 'RUNNING') return null
      lengths.push((await workflow.getHandle(workflowId, run.runId).describe()).historyLength)
    }
    return lengths
  })
}

const deliver = (event: string, member: string) =>
  fetch(`${library.env['HOLDFAST_URL']}/webhooks/library`, {
    method: 'POST',
    body: JSON.stringify({ id: `${event}-${member}`, event, member, at: new Date().toISOString() }),
  })

const stageOf = async (id: string): Promise<unknown> =>
  (await library.json('status', 'library', id)).document['stage']

let planId = ''

describe(`T3: ${RESERVED.toLocaleString('en')} members without a card, on Postgres alone`, () => {
  it('are audited: every gap counted', async () => {
    const { code, document } = await library.json('audit', 'library', '--summary')
    expect({ code, document }).toMatchObject({
      code: 1,
      document: {
        counts: { identities: MISSING, members: MISSING, cards: UNOWNED },
        gaps: { 'card-unissued': RESERVED, 'card-missing': UNRESERVED, 'card-unowned': UNOWNED },
        records: { cards: { have: 0, due: MISSING } },
        pass: false,
      },
    })
  })

  it('are planned, with one digest as long as nothing changes', async () => {
    const first = (await backfill()).result
    expect(first).toMatchObject({ dryRun: true, totalMissing: MISSING, removals: 0, removable: UNOWNED })
    expect(first.changes).toHaveLength(MISSING)
    const again = (await backfill()).result
    expect(again.planId).not.toBe(first.planId)
    expect(again.digest).toBe(first.digest)
    expect(await issued()).toMatchObject({ reserved: 0, others: 0, unowned: UNOWNED })
    planId = first.planId
  })

  it('are repaired once each, whether paused or killed midway, whatever rows are refused', async () => {
    const repairing = fix('--plan', planId)
    const run = await runningBackfill()
    await eventually('some are repaired', async () => (await issued()).reserved > RESERVED / 10, PATIENCE_MS)

    const name = run.workflowId.split('/').at(-1) ?? ''
    expect(await library.run('backfill', 'pause', name)).toMatchObject({ code: 0 })
    await eventually('the page in progress is done', async () => {
      const { raw } = await run.describe()
      return (await now(run)).paused && (raw.pendingActivities ?? []).length === 0
    })
    const atRest = { ...(await issued()), ...(await now(run)) }
    const member = await library.join()
    await deliver('joined', member)
    await eventually('the worker takes other work meanwhile', () => library.cardOf(member))
    const { others, ...later } = { ...(await issued()), ...(await now(run)) }
    expect(later).toMatchObject({ phase: 'repairing', paused: true, total: MISSING })
    expect({ ...later, others: others - 1 }).toEqual(atRest)

    expect(await library.run('backfill', 'resume', name)).toMatchObject({ code: 0 })
    const half = ISSUABLE / 2
    await eventually('half are repaired', async () => (await issued()).reserved > half, PATIENCE_MS)
    await worker.kill()
    worker = await library.startWorker()

    const { code, result } = await repairing
    expect({ code, result }).toMatchObject({
      code: 1,
      result: {
        planId,
        totalMissing: MISSING,
        processed: MISSING,
        successful: REPAIRABLE,
        failed: REFUSED,
        verified: REPAIRABLE,
        removed: 0,
        refused: null,
      },
    })
    expect(await issued()).toEqual({
      reserved: ISSUABLE,
      marked: 0,
      others: UNRESERVED + 1,
      unowned: UNOWNED,
      twice: 0,
    })
    const marked = new Set(await markedMembers(library.db))
    const named = result.failures.map(({ identity }) => identity)
    expect(named).toHaveLength(50)
    expect(named.filter((id) => !marked.has(id))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
    for (const { problem, sentence } of result.failures)
      expect({ problem, sentence }).toEqual({
        problem: 'library-refused',
        sentence: "The library's database refused a card (SQLSTATE 23514).",
      })
    const histories = await historiesOf(run)
    if (RESERVED >= SEVERAL_RUNS) expect(histories.length).toBeGreaterThan(1)
    for (const events of histories) expect(events).toBeLessThan(LONGEST_HISTORY / 5)
  })

  it('leave the refused ones to the next backfill, which repairs them once the database accepts them', async () => {
    const { result: plan } = await backfill()
    expect(plan).toMatchObject({ totalMissing: REFUSED })
    const left = plan.changes?.map(({ identity }) => identity)
    expect(left).toEqual(await markedMembers(library.db))

    await acceptMarked(library.db)
    const { code, result } = await fix('--plan', plan.planId)
    expect({ code, result }).toMatchObject({
      code: 0,
      result: { successful: REFUSED, failed: 0, verified: REFUSED, failures: [], removed: 0 },
    })
    expect(await issued()).toMatchObject({ reserved: RESERVED, unowned: UNOWNED, twice: 0 })
  })

  it('are left with cards that nobody owns, which go only with --remove', async () => {
    const before = await issued()
    expect(before.unowned).toBe(UNOWNED)
    const { code, result } = await fix('--remove')
    expect({ code, result }).toMatchObject({
      code: 0,
      result: { totalMissing: UNOWNED, removed: UNOWNED, verified: UNOWNED, failed: 0 },
    })
    expect(await issued()).toEqual({ ...before, unowned: 0 })
    const { code: passed, document } = await library.json('audit', 'library')
    expect({ passed, document }).toMatchObject({ passed: 0, document: { pass: true, findings: [] } })
  })

  it('are exported and deleted one by one, and no late event brings one back', async () => {
    const { db } = library
    const { rows } = await db.query<{ id: string; signed_up_at: Date }>(
      'select id, signed_up_at from members order by id limit 2',
    )
    const left = rows.map(({ id }) => id)
    for (const id of left) {
      const exported = await library.json('export', 'library', id, '--reason', 'their request')
      expect(exported.document).toMatchObject({ application: { cards: [{ member_id: id }] } })
      await db.query('delete from members where id = $1', [id])
    }
    const deleted = await Promise.all(left.map((id) => library.json('delete', 'library', id, '--yes')))
    for (const { document } of deleted) expect(document).toMatchObject({ outcome: 'deleted' })

    // The front desk is restored from an older copy, in which they are members.
    for (const { id, signed_up_at: at } of rows)
      await db.query('insert into members (id, signed_up_at) values ($1, $2)', [id, at])
    for (const id of left) await deliver('confirmed', id)
    for (const id of left)
      await eventually('the late event has ended', async () => (await stageOf(id)) === 'deleted')
    for (const id of left) expect(await library.cardOf(id)).toBeNull()
    expect((await issued()).reserved).toBe(RESERVED - left.length)
  })
})
