import type { Client } from '@temporalio/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { VOCABULARIES, vocabularyOf, workflowsOf } from '../../src/contracts/vocabulary.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { dependencyCheck } from '../../src/http/dependency-checks.ts'
import { workerCheck } from '../../src/http/worker-check.ts'
import { createLogger } from '../../src/logging.ts'

const logger = createLogger('test', 'silent')
afterEach(() => {
  delete VOCABULARIES.supabase
})

/** The part of Temporal's client that these checks use. */
function temporalOf({
  count,
  trigger,
}: {
  count?: () => Promise<unknown>
  trigger?: () => Promise<void>
}): Client {
  return {
    options: { namespace: 'default' },
    connection: { withDeadline: (_until: number, run: () => Promise<unknown>) => run() },
    workflowService: { describeTaskQueue: () => Promise.resolve({ pollers: [] }) },
    workflow: { count: count ?? (() => Promise.resolve({ count: 0 })) },
    schedule: { getHandle: () => ({ trigger: trigger ?? (() => Promise.resolve()) }) },
  } as unknown as Client
}

describe('E13: a part of Temporal does not answer', () => {
  const away = (): Promise<never> => Promise.reject(new Error('of the test'))

  it('visibility: no-worker is said all the same, without a number', async () => {
    const reports = { list: () => Promise.resolve([]) }
    const check = workerCheck({ system: 'atproto', temporal: temporalOf({ count: away }), reports, logger })
    expect((await check.run(new Set())).findings).toMatchObject([{ name: 'no-worker', count: 0 }])
  })

  it('is asked of the queues of the checked system alone', async () => {
    const temporal = temporalOf({})
    const asked = vi.spyOn(temporal.workflowService, 'describeTaskQueue')
    VOCABULARIES.supabase = {
      ...vocabularyOf('atproto'),
      workflows: { ...workflowsOf('atproto'), activityQueues: {} },
    }
    const reports = { list: () => Promise.resolve([]) }
    const check = workerCheck({ system: 'supabase', temporal, reports, logger })
    const { findings } = await check.run(new Set())
    expect(new Set(asked.mock.calls.map(([{ taskQueue }]) => taskQueue?.name))).toEqual(
      new Set(['holdfast-supabase']),
    )
    expect(findings).toMatchObject([{ name: 'no-worker', detail: { queue: 'holdfast-supabase' } }])
  })

  it('the schedule of watch, once: it is asked again by the next look, until it is run', async () => {
    const trigger = vi.fn(() => Promise.resolve()).mockImplementationOnce(away)
    const ping = vi
      .fn(() => Promise.resolve())
      .mockImplementationOnce(() => Promise.reject(new OutsideError('pds-unreachable', 'of the test')))
    const temporal = temporalOf({ trigger })
    const check = dependencyCheck({ name: 'pds', system: 'atproto', temporal, ping, logger, recoveredMs: 0 })
    const look = () => check.run(new Set())
    expect((await look()).findings).toMatchObject([{ name: 'pds-unreachable' }])
    await expect(look()).rejects.toThrow('of the test')
    expect(await look()).toEqual({ findings: [], closable: ['pds-unreachable'] })
    expect(await look()).toEqual({ findings: [], closable: [] }) // reported once
    expect(trigger).toHaveBeenCalledTimes(2)
  })
})
