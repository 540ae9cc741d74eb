import { ServiceError } from '@temporalio/client'
import { beforeAll, describe, expect, it } from 'vitest'
import { countBlocked } from '../../src/client/blocked.ts'
import { problemQuery } from '../../src/contracts/messages.ts'
import { SignupProblem } from '../../src/contracts/search-attributes.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { entry, FORMATS } from '../support/log-entries.ts'
import { sinceRetry, wasRetried } from '../support/retry-signal.ts'
import { openWebhook, taken } from '../support/webhook.ts'
import { openWorld, type World } from '../support/world.ts'

const LACKS = 'Namespace default has no mapping defined for search attribute SignupStage'
/** The error in the form in which Temporal's client throws it. */
const refusal = (): Error =>
  new ServiceError('Failed to start Workflow', {
    cause: Object.assign(new Error(`3 INVALID_ARGUMENT: ${LACKS}`), {
      code: 3,
      details: LACKS,
      metadata: {},
    }),
  })

let world: World
/** Its workflow id, once it is known. */
let ingest = ''
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker((deps) => ({
    ...deps,
    signups: {
      ...deps.signups,
      async notify(news) {
        const told = ingest !== '' && (await wasRetried(world, ingest))
        if (news.identity.endsWith('-7') && !told) throw refusal()
        return deps.signups.notify(news)
      },
    },
  }))
  const crowd = Array.from({ length: 12 }, (_, index) =>
    entry({ type: 'ss', user_id: `auth0|crowd-${index}` }),
  )
  expect(await openWebhook(world).deliver(FORMATS.JSONARRAY(crowd))).toEqual(taken(12))
  ingest = await eventually('the delivery is at Temporal', async () => {
    for await (const { workflowId } of world.temporal.workflow.list({ query: `WorkflowType = 'ingest'` }))
      return workflowId
    return null
  })
})

describe('a large delivery that Temporal does not let us pass on', () => {
  it('says why where operators look, and what to do; everybody else in it was told', async () => {
    const handle = world.temporal.workflow.getHandle(ingest)
    await eventually('it shows its problem', async () => (await handle.query(problemQuery)) !== null)
    const problem = await handle.query(problemQuery)
    expect(problem).toMatchObject({ name: 'temporal-refused', attempts: expect.any(Number) as number })
    expect(problem?.sentence).toContain(LACKS)
    expect(problem?.fix).toContain('holdfast check atproto')
    expect((await handle.describe()).typedSearchAttributes.get(SignupProblem)).toBe('temporal-refused')
    const details = await handle.query<string>('__temporal_workflow_metadata')
    expect(JSON.stringify(details)).toContain('temporal-refused')
    for (const index of [0, 6, 8, 11])
      expect(await world.reader.status(world.idOf(`auth0|crowd-${index}`)), String(index)).not.toBeNull()
    expect(await world.reader.status(world.idOf('auth0|crowd-7'))).toBeNull()

    await eventually(
      'visibility has it',
      async () => (await countBlocked(world.temporal, 'atproto', new Set())).length === 1,
    )
    expect(await countBlocked(world.temporal, 'atproto', new Set())).toMatchObject([
      { problem: 'temporal-refused', count: 1 },
    ])
    const { stdout } = await holdfast(world.env, 'list', 'atproto', '--stuck')
    expect(stdout).toMatch(/^No signups\.\n\nOTHER WORKFLOW +PERSON +STARTED +PROBLEM\n/)
    expect(stdout).toContain(`${ingest} `)
    const { document } = await jsonOf(world.env, 'list', 'atproto', '--problem', 'temporal-refused')
    expect(document).toMatchObject({
      signups: [],
      runs: [
        { workflowId: ingest, type: 'ingest', problem: { name: 'temporal-refused', since: problem?.since } },
      ],
    })
  })

  it('goes on at once when told to, and tells who is left', async () => {
    const { code, stdout } = await holdfast(world.env, 'retry', 'atproto', '--problem', 'temporal-refused')
    expect(code).toBe(0)
    expect(stdout).toContain('1 signalled')
    const handle = world.temporal.workflow.getHandle(ingest)
    expect(await handle.result()).toEqual({ notified: 12 })
    expect((await handle.describe()).typedSearchAttributes.get(SignupProblem)).toBeUndefined()
    expect(await world.reader.status(world.idOf('auth0|crowd-7'))).not.toBeNull()
    const afterwards = await sinceRetry(world, ingest)
    expect(afterwards.some(({ timerFiredEventAttributes }) => timerFiredEventAttributes)).toBe(false)
  })
})
