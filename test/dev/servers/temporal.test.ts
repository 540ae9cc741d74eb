import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import { expect, test } from 'vitest'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { temporalServerPrograms } from '../../../dev/servers/temporal/server-binary.ts'
import { startTemporal } from '../../../dev/servers/temporal/temporal.ts'
import type { TemporalServer } from '../../../dev/servers/temporal/temporal.ts'
import { anyAlive, exists, listening, portOf } from './support.ts'

const run = promisify(execFile)

const searchAttributes = { SignupStage: 'Keyword', SignupProblemSince: 'Datetime' } as const

async function withClient<T>(
  temporal: TemporalServer,
  namespace: string,
  work: (client: Client) => Promise<T>,
) {
  const connection = await Connection.connect({ address: temporal.address })
  try {
    return await work(new Client({ connection, namespace }))
  } finally {
    await connection.close()
  }
}

const startOne = (client: Client, workflowId: string) =>
  client.workflow.start('nobodyRunsIt', {
    workflowId,
    taskQueue: 'nobody-polls',
    searchAttributes: { SignupStage: ['recording'] },
  })

test('it serves every namespace with its search attributes, the web UI, and its command, and leaves nothing', async () => {
  const temporal = await startTemporal({ namespaces: ['holdfast', 'other'], searchAttributes, progress })
  try {
    expect(temporal.namespace).toBe('holdfast')
    for (const namespace of ['holdfast', 'other']) {
      await withClient(temporal, namespace, (client) => startOne(client, `in-${namespace}`))
    }
    expect((await fetch(temporal.uiUrl)).status).toBe(200)
    const about = [
      'workflow',
      'describe',
      '--address',
      temporal.address,
      '--namespace',
      'other',
      '-w',
      'in-other',
    ]
    expect((await run(temporal.cli, about)).stdout).toContain('nobodyRunsIt')
    expect(temporal.dbFile).toBeUndefined()
  } finally {
    await temporal.stop()
  }
  expect(anyAlive([temporal.pid])).toBe(false)
  expect(await listening(portOf(temporal.address))).toBe(false)
  expect(exists(dirname(temporal.logFile))).toBe(false)
})

test('killed and restarted on its file it is at the same address with the same workflows', async () => {
  const data = await dataDirectory(undefined, 'test-temporal')
  const temporal = await startTemporal({ dataDir: data.path, searchAttributes, progress })
  try {
    const { pid } = temporal
    const handle = await withClient(temporal, 'default', (client) => startOne(client, 'kept'))
    await temporal.kill()
    expect(await listening(portOf(temporal.address))).toBe(false)
    await temporal.restart()
    expect(temporal.pid).not.toBe(pid)
    const found = await withClient(temporal, 'default', (client) =>
      client.workflow.getHandle('kept').describe(),
    )
    expect(found.runId).toBe(handle.firstExecutionRunId)
    expect(found.status.name).toBe('RUNNING')
  } finally {
    await temporal.stop()
    expect(exists(data.path)).toBe(true)
    await data.remove()
  }
})

test('data that was kept learns of a namespace and a search attribute that came later', async () => {
  const data = await dataDirectory(undefined, 'test-temporal')
  const options = { dataDir: data.path, progress }
  try {
    const first = await startTemporal({ ...options, searchAttributes: {} })
    await first.stop()
    const second = await startTemporal({ ...options, namespaces: ['default', 'later'], searchAttributes })
    try {
      for (const namespace of ['default', 'later']) {
        await withClient(second, namespace, (client) => startOne(client, `in-${namespace}`))
      }
    } finally {
      await second.stop()
    }
  } finally {
    await data.remove()
  }
})

test('two starts at once do not disturb each other', async () => {
  const servers = await Promise.all([1, 2].map(() => startTemporal({ searchAttributes, progress })))
  try {
    const [one, two] = servers
    if (!one || !two) throw new Error('two were started')
    await withClient(one, 'default', (client) => startOne(client, 'only-in-one'))
    await withClient(two, 'default', (client) =>
      expect(client.workflow.getHandle('only-in-one').describe()).rejects.toThrow('not found'),
    )
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
})

test('the web UI is told where payloads are decoded, and settings reach the server', async () => {
  const temporal = await startTemporal({
    searchAttributes: {},
    codecEndpoint: 'http://127.0.0.1:8787/codec',
    dynamicConfig: { 'frontend.workerHeartbeatsEnabled': true, 'limit.maxIDLength': 20 },
    progress,
  })
  try {
    const settings = await fetch(`${temporal.uiUrl}/api/v1/settings`)
    expect(await settings.text()).toContain('http://127.0.0.1:8787/codec')
    const tooLong = withClient(temporal, 'default', (client) =>
      client.workflow.start('any', { workflowId: 'x'.repeat(21), taskQueue: 'any' }),
    )
    await expect(tooLong).rejects.toMatchObject({
      cause: { details: expect.stringContaining('exceeds limit') },
    })
  } finally {
    await temporal.stop()
  }
})

test("a folder that was named for Temporal's server is used or the search fails, naming its variable", async () => {
  const search = temporalServerPrograms({ given: '/nowhere', progress })
  await expect(search).rejects.toThrow(/HOLDFAST_TEMPORAL_SERVER \(\/nowhere\/temporal-server\)/)
})

test('a program that was named is used or the start fails, naming its variable', async () => {
  const start = startTemporal({ given: '/nowhere/temporal', searchAttributes: {}, progress })
  await expect(start).rejects.toThrow(/HOLDFAST_TEMPORAL_BIN \(\/nowhere\/temporal\)/)
})
