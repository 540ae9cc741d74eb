import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ENTRY = fileURLToPath(new URL('../support/library/entry.ts', import.meta.url))
const key = (): string => randomBytes(32).toString('base64')
const UNREACHABLE = {
  HOLDFAST_SYSTEMS: 'library',
  LIBRARY_DB_URL: 'postgres://x:p@127.0.0.1:1/x',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  HOLDFAST_KEY: `k:${key()}`,
  HOLDFAST_ID_KEY: key(),
}

it('a worker that cannot start while the database of its state is away ends', async () => {
  const started = promisify(execFile)(process.execPath, [ENTRY, 'worker'], {
    env: UNREACHABLE,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  await expect(started).rejects.toMatchObject({ code: 1, killed: false })
})
