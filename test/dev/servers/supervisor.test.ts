import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild, type Child } from '../../../dev/servers/lib/child.ts'
import { dataDirectory, type DataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { supervise, type UnexpectedExit } from '../../../dev/servers/lib/supervisor.ts'
import { waitUntilReady } from '../../../dev/servers/lib/ready.ts'
import { embeddedServer, type EmbeddedServer } from '../../../dev/servers/lib/server.ts'
import { anyAlive, until } from './support.ts'

let scratch: DataDirectory
beforeEach(async () => void (scratch = await dataDirectory(undefined, 'test-keeper')))
afterEach(() => scratch.remove())

/** A process that is ready when `ready` says so; each start replaces it with a new one. */
async function thing(
  scripts: readonly string[],
  ready: (child: Child, starts: number) => Promise<void> = () => Promise.resolve(),
) {
  const pids: number[] = []
  const start = async (began: (child: Child) => void = () => {}): Promise<Child> => {
    const script = scripts[Math.min(pids.length, scripts.length - 1)] ?? ''
    const child = startChild({
      name: 'thing',
      command: 'sh',
      args: ['-c', script],
      logFile: join(scratch.path, 'thing.log'),
    })
    pids.push(child.pid)
    began(child)
    await waitUntilReady(child, () => ready(child, pids.length))
    return child
  }
  const server: EmbeddedServer = embeddedServer({ first: await start(), start, cleanUp: async () => {} })
  return { pids, server }
}

interface Told extends Pick<UnexpectedExit, 'how' | 'times' | 'willRestart'> {
  readonly words: string
}
function listener() {
  const told: Told[] = []
  const onEnd = async ({ message: tell, ...end }: UnexpectedExit): Promise<void> => {
    told.push({ ...end, words: await tell() })
  }
  return { told, onEnd }
}
const STAYS = 'echo it runs; sleep 1000'

test('what ends by itself is told with the last lines of its log, and started again', async () => {
  const { pids, server } = await thing([STAYS])
  const { told, onEnd } = listener()
  let back = 0
  const keeper = supervise(server, { restarts: 3, pauseMs: 10, onEnd, onBack: () => void (back += 1) })
  await until('it has written', async () => (await server.output()).includes('it runs'))
  process.kill(-server.pid, 'SIGKILL')
  await until('it is back', () => back === 1)
  expect(told).toEqual([
    {
      how: 'SIGKILL',
      words: 'thing ended (SIGKILL). The last lines of its log:\n  | it runs',
      times: 1,
      willRestart: true,
    },
  ])
  expect(server.pid).toBe(pids[1])
  expect(anyAlive([server.pid])).toBe(true)
  await keeper.stop()
  expect(anyAlive(pids)).toBe(false)
  expect([told.length, pids.length]).toEqual([1, 2])
})

test('what keeps ending is given up after as many starts as it may have, and nothing of it runs', async () => {
  const { pids, server } = await thing([STAYS, 'echo no such setting; exit 3'], (child, starts) =>
    starts === 1 ? Promise.resolve() : untilEnded(child),
  )
  const { told, onEnd } = listener()
  const keeper = supervise(server, { restarts: 2, pauseMs: 10, onEnd })
  process.kill(-server.pid, 'SIGTERM')
  await keeper.givenUp
  expect(told.map(({ how, times, willRestart }) => [how, times, willRestart])).toEqual([
    ['SIGTERM', 1, true],
    [null, 2, true],
    [null, 3, false],
  ])
  expect(told.at(-1)?.words).toBe(
    'thing ended (exit code 3). The last lines of its log:\n  | no such setting',
  )
  expect(anyAlive(pids)).toBe(false)
  await keeper.stop()
  expect(pids).toHaveLength(3)
})

const untilEnded = async (child: Child): Promise<void> => {
  await child.exited
  throw new Error('it has ended')
}

test('who was steady in between has all its starts again', async () => {
  const { server } = await thing([STAYS])
  const { told, onEnd } = listener()
  const keeper = supervise(server, { restarts: 1, pauseMs: 1, steadyMs: 0, onEnd })
  for (const times of [1, 2, 3]) {
    process.kill(-server.pid, 'SIGKILL')
    await until(`end ${times} is told`, () => told.length === times)
    await until('it runs again', () => anyAlive([server.pid]))
  }
  expect(told.map(({ times, willRestart }) => [times, willRestart])).toEqual([
    [1, true],
    [1, true],
    [1, true],
  ])
  await keeper.stop()
})

test('a stop ends the pause, and a start that is not ready yet', async () => {
  const pausing = await thing([STAYS])
  const first = listener()
  const one = supervise(pausing.server, { restarts: 1, pauseMs: 1_000_000, onEnd: first.onEnd })
  process.kill(-pausing.server.pid, 'SIGKILL')
  await until('its end is told', () => first.told.length === 1)
  await one.stop()
  expect(pausing.pids).toHaveLength(1)

  const starting = await thing([STAYS], (child, starts) =>
    starts === 1 ? Promise.resolve() : untilEnded(child),
  )
  const second = listener()
  const other = supervise(starting.server, { restarts: 1, pauseMs: 1, onEnd: second.onEnd })
  process.kill(-starting.server.pid, 'SIGKILL')
  await until('it is being started', () => starting.pids.length === 2)
  await other.stop()
  expect(second.told).toHaveLength(1)
  expect(anyAlive(starting.pids)).toBe(false)
})
