import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { temporal } from '@temporalio/proto'
import { Worker } from '@temporalio/worker'
import { describe, expect, inject, it } from 'vitest'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import { createDataConverter } from '../../src/payloads/data-converter.ts'
import { HISTORY_KEY, parseHistory } from '../histories/history-file.ts'
import { ENGINE_SCENARIOS } from '../histories/engine-scenarios.ts'
import { SCENARIOS } from '../histories/scenarios.ts'

const DIRECTORY = fileURLToPath(new URL('../histories/', import.meta.url))
const names = (await readdir(DIRECTORY)).filter((name) => name.endsWith('.json'))
const histories = await Promise.all(
  names.map(async (name) => ({ name, text: await readFile(`${DIRECTORY}${name}`, 'utf8') })),
)

describe('T2: new code meets the histories of workflows that run', () => {
  it('replays every one of them', async () => {
    // The types leave the queue out, by which the workflows of every system know whose they are.
    const options = {
      workflowBundle: { codePath: inject('servers').bundlePath },
      dataConverter: createDataConverter([HISTORY_KEY]),
      taskQueue: taskQueueOf('atproto'),
    }
    const replay = Worker.runReplayHistories(
      options,
      histories.map(({ name, text }) => ({ workflowId: name, history: parseHistory(text) })),
    )
    const results: string[] = []
    for await (const { workflowId, error } of replay)
      results.push(`${workflowId}: ${error?.message ?? 'replayed'}`)
    expect(results.toSorted()).toEqual(names.map((name) => `${name}: replayed`).toSorted())
  })

  it('of every scenario', () => {
    const scenarios = Object.keys({ ...SCENARIOS, ...ENGINE_SCENARIOS })
    expect(scenarios.filter((name) => !names.includes(`${name}.json`))).toEqual([])
  })

  it('of every type of workflow', async () => {
    const index = await readFile(new URL('../../src/workflows/index.ts', import.meta.url), 'utf8')
    const types = [...index.matchAll(/^export \{ (\w+) \}/gm)].map(([, type]) => type)
    const recorded = histories.map(
      ({ text }) =>
        parseHistory(text).events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name,
    )
    expect(types.filter((type) => !recorded.includes(type))).toEqual([])
    expect(types).toContain('signup')
  })
})

describe('a signup that nothing holds up', () => {
  it('has 22 events: what it costs Temporal, which a change must not raise unnoticed', () => {
    const plain = histories.find(({ name }) => name === 'plain-completion.json')
    const types = (parseHistory(plain?.text ?? '{}').events ?? []).map(({ eventType }) => eventType)
    expect(types).toHaveLength(22)
    const { EVENT_TYPE_TIMER_STARTED: timer, EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: activity } =
      temporal.api.enums.v1.EventType
    // One timer, the wait for verification, since no step waits between attempts. One activity, the creation of the
    // account.
    expect(types.filter((type) => type === timer)).toHaveLength(1)
    expect(types.filter((type) => type === activity)).toHaveLength(1)
  })
})

describe('T8: a checked-in history', () => {
  it.each(histories)('$name holds no address, no path and no host', ({ text }) => {
    const payloads = [...text.matchAll(/"data": "([\w+/=]*)"/g)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString(),
    )
    const all = [text.replaceAll('1@host', ''), ...payloads].join('\n')
    expect(all).not.toMatch(/[\w-]@[\w-]/)
    expect(all).not.toMatch(/"stackTrace": "[^"]/)
    expect(all).not.toMatch(/node_modules|\.ts:\d/)
  })
})
