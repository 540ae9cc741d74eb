import type { Client } from '@temporalio/client'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPersonWorkflows } from '../../src/client/person-workflows.ts'
import { countRuns, findRuns, findRunsOf, visibility } from '../../src/client/visibility.ts'
import { signupWorkflowId } from '../../src/contracts/ids.ts'
import { deletionsOf } from '../support/deletion.ts'
import { eventually } from '../support/eventually.ts'
import { openWorldOnPostgres } from '../support/temporal-on-postgres.ts'
import { openWorld, type World } from '../support/world.ts'

/** Every printable character of ASCII but the @, which makes an id appear as its hash. */
const EVERY_PRINTABLE = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCodePoint(0x20 + at))
  .filter((character) => character !== '@')
  .join('')

/** Ids in the forms of identity providers, and in forms that only an attacker would use. */
const HOSTILE = [
  String.raw`ad|corp|CORP\sam`,
  String.raw`ad|corp|tail\ `.trim(),
  String.raw`ad|corp|0\0`,
  'ad|corp|a"b',
  String.raw`samlp|acme|back\slash"q`,
  "samlp|acme|o'neil",
  "samlp|acme|ends with a quote'",
  String.raw`oidc|x\'OR/**/WorkflowType="signup"#`,
  `oidc|x' OR WorkflowType = 'signup' --`,
  'acme|Jane Doe',
  'acme|José Ñandú 日本語 😀',
  'acme|tab\tnew\nline\r\b\u0001\u001a\u0085',
  'acme|100%25 _like_ %5C',
  'acme|really? $1 or :name or ??',
  `acme|${EVERY_PRINTABLE}`,
  `acme|${'x'.repeat(300)}`,
  `acme|${'\\'.repeat(150)}`,
  'acme|jane@example.com',
]

const refOf = (identity: string) => ({ tenant: 'aesthetic', identity })

/** Dozens of runs are followed one by one, on a machine that may be busy. */
const VISIBLE_MS = 120_000

/** Starts a run for each person, finds it, and deletes it, as a deletion does. */
async function findAndDeleteAll(world: World): Promise<void> {
  const drawn = fc.sample(fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }), {
    numRuns: 40,
    seed: 11,
  })
  const identities = [...HOSTILE, ...drawn.map((text) => `any|${text.replaceAll('\0', '')}`)]
  const { executions } = deletionsOf(world)
  for (const identity of identities) await world.signups.notify(refOf(identity))
  await eventually('all are listed', async () => {
    const running = await countRuns(world.temporal, visibility`ExecutionStatus = 'Running'`)
    return running === identities.length
  })

  for (const identity of identities) {
    const runs = await executions.list(refOf(identity))
    expect(runs.map(({ workflowId }) => workflowId)).toEqual([world.idOf(identity)])
  }

  await Promise.all(identities.map((identity) => executions.terminate(refOf(identity))))
  await eventually(
    'all are closed in the list',
    async () => {
      const closed = await countRuns(world.temporal, visibility`ExecutionStatus = 'Terminated'`)
      return closed === identities.length
    },
    VISIBLE_MS,
  )
  const forgotten = await Promise.all(identities.map((identity) => executions.deleteClosed(refOf(identity))))
  expect(forgotten.filter((runIds) => runIds.length !== 1)).toEqual([])
  await eventually(
    'none is listed any more',
    async () => {
      const listed = await Promise.all(identities.map((identity) => executions.list(refOf(identity))))
      return listed.flat().length === 0
    },
    VISIBLE_MS,
  )
  expect(await countRuns(world.temporal, visibility`WorkflowType = 'signup'`)).toBe(0)
}

describe('E15, X1: every run of a person is found again at Temporal, and nobody else', () => {
  it('whatever characters the id holds', async () => {
    await findAndDeleteAll(await openWorld())
  })

  it('whatever characters the id holds, where Temporal is on Postgres', async ({ skip }) => {
    await findAndDeleteAll(await openWorldOnPostgres(skip))
  })
})

describe('T7: a closed run', () => {
  it('is found at once, and deleted when Temporal need not put it off, which would put off those after it', async () => {
    const workflowId = signupWorkflowId('atproto', 'aesthetic', 'auth0|ended', (value) => value)
    const runs = [10, 40].map((seconds) => ({
      workflowId,
      runId: `closed for ${seconds} s`,
      type: 'signup',
      status: { name: 'COMPLETED' },
      startTime: new Date(0),
      closeTime: new Date(Date.now() - seconds * 1_000),
      typedSearchAttributes: { get: () => undefined },
    }))
    const requested: unknown[] = []
    const client = {
      options: { namespace: 'n' },
      connection: { withDeadline: (_: number, call: () => Promise<unknown>) => call() },
      workflow: { list: () => runs },
      workflowService: {
        deleteWorkflowExecution: async (request: { workflowExecution: { runId: string } }) =>
          void requested.push(request.workflowExecution.runId),
      },
    } as unknown as Client
    const person = { tenant: 'aesthetic', identity: 'auth0|ended' }
    const deleteClosed = (options = {}) =>
      createPersonWorkflows(client, 'atproto', (value) => value, options).deleteClosed(person)
    expect(await deleteClosed()).toEqual(['closed for 10 s', 'closed for 40 s'])
    expect(requested).toEqual(['closed for 40 s'])
    await deleteClosed({ ackMs: 5_000 })
    expect(requested).toEqual(['closed for 40 s', 'closed for 10 s', 'closed for 40 s'])
  })
})

describe('the rows of a look', () => {
  it('are compared with the intended id, and bounded', async () => {
    const world = await openWorld()
    const { temporal } = world
    const rows = ['auth0|row', 'auth0|ROW', 'auth0|other'].map((identity) => ({
      workflowId: world.idOf(identity),
    }))
    const lax = { workflow: { list: () => rows } } as unknown as typeof temporal
    const found: unknown[] = []
    for await (const run of findRunsOf(lax, world.idOf('auth0|row'), { most: 10 })) found.push(run)
    expect(found).toEqual([rows[0]])

    const bounded: unknown[] = []
    for await (const run of findRuns(lax, visibility`WorkflowType = 'signup'`, { most: 2 })) bounded.push(run)
    expect(bounded).toHaveLength(2)
  })
})
