import { randomUUID } from 'node:crypto'
import { TypedSearchAttributes } from '@temporalio/common'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBatchRetry } from '../../src/client/batch-retry.ts'
import { countBlocked, findBlockedBy } from '../../src/client/blocked.ts'
import { unservedQueues } from '../../src/client/pollers.ts'
import { createRuns } from '../../src/client/runs.ts'
import { createSignupReader } from '../../src/client/signup-reader.ts'
import { createSignups } from '../../src/client/signups.ts'
import {
  SignupProblem,
  SignupProblemSince,
  SignupStage,
  SignupSystem,
  SignupTenant,
} from '../../src/contracts/search-attributes.ts'
import { SYSTEMS } from '../../src/contracts/systems.ts'
import { VOCABULARIES, vocabularyOf } from '../../src/contracts/vocabulary.ts'
import { eventually } from '../support/eventually.ts'
import { openWorld, type World } from '../support/world.ts'

declare module '../../src/contracts/systems.ts' {
  interface SystemNames {
    neighbour: true
  }
}

const PROBLEM = 'mongo-unreachable'
let world: World

/** A second system in the same namespace, without a worker: one person is blocked, and one backfill runs. */
beforeAll(async () => {
  world = await openWorld()
  SYSTEMS.neighbour = true
  const words = vocabularyOf('atproto')
  VOCABULARIES.neighbour = {
    ...words,
    workflows: {
      ...words.workflows,
      signup: 'neighbourSignup',
      others: [],
      activityQueues: {},
      otherIdsOf: () => [],
    },
  }
  const since = new Date('2026-01-02T03:04:05.000Z')
  const typedSearchAttributes = new TypedSearchAttributes([
    { key: SignupSystem, value: 'neighbour' },
    { key: SignupTenant, value: '-' },
    { key: SignupStage, value: 'recording' },
    { key: SignupProblem, value: PROBLEM },
    { key: SignupProblemSince, value: since },
  ])
  const taskQueue = 'holdfast-neighbour'
  const { workflow } = world.temporal
  for (const [type, workflowId] of [
    ['neighbourSignup', 'signup/neighbour/-/x1'],
    ['deleteUser', `delete/neighbour/-/${randomUUID()}`],
  ] as const)
    await workflow.start(type, { taskQueue, workflowId, typedSearchAttributes, args: [{ identity: 'x1' }] })
  await workflow.start('backfill', { taskQueue, workflowId: 'backfill/neighbour/one', args: [{}] })
  await eventually(
    'visibility has all of them',
    async () => (await workflow.count("ExecutionStatus = 'Running'")).count === 3,
  )
  await world.startWorker() // of `atproto` alone
})
afterAll(() => {
  delete SYSTEMS.neighbour
  delete VOCABULARIES.neighbour
})

describe('two systems in one namespace', () => {
  it('count, find and retry their own blocked people only', async () => {
    const nobody: ReadonlySet<string> = new Set()
    expect(await countBlocked(world.temporal, 'atproto', nobody)).toEqual([])
    expect(await findBlockedBy(world.temporal, 'atproto', PROBLEM)).toBeNull()
    expect(await startBatchRetry(world.temporal, 'atproto', [PROBLEM], 'a test')).toBe('nobody')
    expect(await countBlocked(world.temporal, 'neighbour', nobody)).toMatchObject([
      { problem: PROBLEM, count: 2 },
    ])
    expect(await findBlockedBy(world.temporal, 'neighbour', PROBLEM)).not.toBeNull()
  })

  it('list their own signups only', async () => {
    const page = { size: 10 }
    const list = (system: 'atproto' | 'neighbour') =>
      createSignupReader(world.temporal, system).list({ blocked: true }, page)
    expect((await list('atproto')).signups).toEqual([])
    expect((await list('neighbour')).signups).toMatchObject([{ system: 'neighbour', identity: 'x1' }])
  })

  it('are served or not each by themselves', async () => {
    await eventually(
      'the worker polls',
      async () => (await unservedQueues(world.temporal, 'atproto')).length === 0,
    )
    expect(await unservedQueues(world.temporal, 'neighbour')).toEqual(['holdfast-neighbour'])
    await expect(createRuns(world.temporal).startAudit('neighbour', {})).rejects.toThrow()
  })

  it('start a person’s signup as their own workflow on their own queue', async () => {
    const { notify } = createSignups(world.temporal, 'neighbour', (identity) => identity)
    const { workflowId } = await notify({ tenant: '-', identity: 'x2' })
    expect(workflowId).toBe('signup/neighbour/-/x2')
    expect(await world.temporal.workflow.getHandle(workflowId).describe()).toMatchObject({
      type: 'neighbourSignup',
      taskQueue: 'holdfast-neighbour',
    })
  })

  it('have a backfill whose name says whose it is', async () => {
    const runs = createRuns(world.temporal)
    expect(await runs.findBackfill('one', ['atproto', 'neighbour'])).toEqual({
      workflowId: 'backfill/neighbour/one',
      system: 'neighbour',
    })
    expect(await runs.findBackfill('one', ['atproto'])).toBeNull()
  })
})
