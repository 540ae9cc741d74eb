import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PostgresServer } from '../../../dev/servers/postgres/postgres.ts'
import { createProgram } from '../../../src/cli/program.ts'
import { inPostgres } from '../../../src/config/state.ts'
import { applyState } from '../../../src/state/postgres/migrate.ts'
import { createPostgresState } from '../../../src/state/postgres/state.ts'
import { stateFiles } from '../../../src/state/postgres/state-files.ts'
import { atproto } from '../../../src/systems/atproto.ts'
import { SERVED } from '../../../src/systems/served.ts'
import { emptyDatabase, openPostgres } from './database.ts'

const names = stateFiles().map(({ name }) => name)

let server: PostgresServer
beforeAll(async () => {
  SERVED.medusa = async () => ({ ...atproto, name: 'medusa', state: inPostgres('medusa'), commands: [] })
  server = await openPostgres()
})
afterAll(() => {
  delete SERVED.medusa
  vi.unstubAllEnvs()
})

/** Runs the command in this process; returns what it printed. */
async function holdfast(...args: string[]): Promise<{ code: number; stdout: string }> {
  let stdout = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    stdout += String(chunk)
    return true
  })
  try {
    const code = await createProgram().run([...args, '--use-env'])
    return { code, stdout }
  } finally {
    write.mockRestore()
    process.exitCode = undefined
  }
}

describe('holdfast state apply', () => {
  it('creates the tables, records that it did, and changes nothing the second time', async () => {
    const { url, connect } = await emptyDatabase(server)
    vi.stubEnv('MEDUSA_DB_URL', url)
    const first = await holdfast('state', 'apply', 'medusa', '--json')
    expect(first.code).toBe(0)
    const version = names.length
    expect(JSON.parse(first.stdout)).toEqual({ system: 'medusa', version, applied: names })
    const second = await holdfast('state', 'apply', 'medusa')
    expect(second.stdout).toContain(`have version ${version} already`)
    const actions = await createPostgresState(connect(), 'medusa').actions.list({ system: 'medusa' }, 10)
    expect(actions).toMatchObject([{ name: 'state apply', kind: 'change', outcome: 'succeeded' }])
  })

  it('is refused for tables of a later version', async () => {
    const { url, connect } = await emptyDatabase(server)
    vi.stubEnv('MEDUSA_DB_URL', url)
    const later = { version: names.length + 1, name: 'later.sql', text: 'select', checksum: 'c' }
    await applyState(connect().db, { files: [...stateFiles(), later] })
    await expect(holdfast('state', 'apply', 'medusa')).rejects.toThrow(
      `knows ${names.length} at most: deploy the one that ran "holdfast state apply medusa"`,
    )
  })

  it('is refused for a system whose state is in MongoDB', async () => {
    await expect(holdfast('state', 'apply', 'atproto')).rejects.toThrow(
      'Refused: atproto keeps its state in MongoDB',
    )
  })
})
