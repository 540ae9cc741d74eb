import { Client } from 'pg'
import { expect, test } from 'vitest'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { startPostgres } from '../../../dev/servers/postgres/postgres.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { anyAlive, listening, portOf } from './support.ts'

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('data that was kept is there at the next start, after a kill too', async () => {
  const data = await dataDirectory(undefined, 'test-postgres')
  try {
    const first = await startPostgres({ dataDir: data.path, progress })
    const app = await first.ensureDatabase('app')
    expect(await first.ensureDatabase('app')).toBe(app)
    await ask(app, 'CREATE TABLE a AS SELECT 1 AS n')
    await first.kill()
    await first.restart()
    expect(await ask(app, 'SELECT n FROM a')).toEqual([{ n: 1 }])
    await first.stop()
    expect(anyAlive([first.pid])).toBe(false)
    expect(await listening(portOf(first.url))).toBe(false)
    const second = await startPostgres({ dataDir: data.path, progress })
    try {
      expect(await ask(await second.ensureDatabase('app'), 'SELECT n FROM a')).toEqual([{ n: 1 }])
    } finally {
      await second.stop()
    }
  } finally {
    await data.remove()
  }
})

test('nobody gets in without the password', async () => {
  const postgres = await startPostgres({ progress })
  try {
    const wrong = new URL(postgres.url)
    wrong.password = 'guess'
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed')
  } finally {
    await postgres.stop()
  }
})
