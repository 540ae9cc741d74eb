import { describe, expect, it } from 'vitest'
import type { QueuePoller, WorkerReport } from '../../src/contracts/workers.ts'
import { differingSettings, silentWorkers, isPolling, unpolledQueues } from '../../src/domain/workers.ts'

const SECOND = 1_000
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()

const poller = (identity: string, ageSeconds: number, queue = 'holdfast-atproto'): QueuePoller => ({
  queue,
  identity,
  ageMs: ageSeconds * SECOND,
})

const report = (
  identity: string,
  ageSeconds: number,
  { stopped = false, startedSecondsAgo = 3_600 } = {},
): WorkerReport => ({
  identity,
  host: 'host',
  pid: 1,
  build: '1',
  startedAt: ago(startedSecondsAgo * SECOND),
  ageMs: ageSeconds * SECOND,
  stopped,
  settings: {},
})

describe('a poller takes work', () => {
  it.each([
    ['it polls, and says nothing of itself', poller('a', 50), undefined, true],
    ['it has not polled for longer than a poll lasts', poller('a', 80), undefined, false],
    ['it reports itself', poller('a', 50), report('a', 4), true],
    [
      "it reports itself, and this machine's clock is ahead of Temporal's",
      poller('a', 80),
      report('a', 4),
      true,
    ],
    ['it hangs: its last poll ended without it', poller('a', 5), report('a', 40), false],
    ['it was told to end', poller('a', 5), report('a', 2, { stopped: true }), false],
    ['only its way to the database is broken', poller('a', 5), report('a', 90), true],
  ])('%s', (_, polled, reported, expected) => {
    expect(isPolling(polled, reported)).toBe(expected)
  })
})

describe('a queue is served', () => {
  const queues = ['holdfast-atproto', 'holdfast-pds']

  it('by any live worker, queue by queue', () => {
    const pollers = [poller('a', 5), poller('b', 5), poller('a', 5, 'holdfast-pds')]
    expect(unpolledQueues(queues, pollers, [report('a', 60), report('b', 1)])).toEqual(['holdfast-pds'])
  })

  it('by what Temporal says where the reports cannot be read', () => {
    expect(unpolledQueues(queues, [poller('a', 5)], null)).toEqual(['holdfast-pds'])
  })
})

describe('a worker that fell silent', () => {
  it('is named while the others go on', () => {
    const reports = [report('a', 60), report('b', 1)]
    expect(silentWorkers(reports, [poller('a', 5), poller('b', 5)]).map(({ identity }) => identity)).toEqual([
      'a',
    ])
  })

  it('is not named once a newer one has replaced it, each replacing one', () => {
    const newer = report('c', 1, { startedSecondsAgo: 30 })
    expect(silentWorkers([report('a', 60), newer], [])).toEqual([])
    expect(silentWorkers([report('a', 60), report('b', 50), newer], [])).toHaveLength(1)
  })

  it('is forgotten once Temporal has not listed it for ten minutes', () => {
    expect(silentWorkers([report('a', 590)], [])).toHaveLength(1)
    expect(silentWorkers([report('a', 610)], [])).toEqual([])
    expect(silentWorkers([report('a', 610)], [poller('a', 600)])).toHaveLength(1)
  })

  it('is not named when it was told to end', () => {
    expect(silentWorkers([report('a', 600, { stopped: true })], [])).toEqual([])
  })
})

describe('settings that differ', () => {
  it('are those both know, with another value', () => {
    expect(differingSettings({ A: '1', B: '2', C: '3' }, { A: '1', B: '9', D: '4' })).toEqual(['B'])
  })

  it('cannot be told apart under another HOLDFAST_ID_KEY', () => {
    const here = { HOLDFAST_ID_KEY: '1', PDS_URL: '2' }
    expect(differingSettings(here, { HOLDFAST_ID_KEY: '8', PDS_URL: '9' })).toEqual(['HOLDFAST_ID_KEY'])
  })
})
