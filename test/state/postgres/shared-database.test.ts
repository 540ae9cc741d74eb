import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withEncryptedDatabases } from '../../../src/cli/lib/encrypted-fields.ts'
import { inPostgres } from '../../../src/config/state.ts'
import type { System } from '../../../src/contracts/systems.ts'
import { createKeyring } from '../../../src/crypto/keyring.ts'
import { applyState } from '../../../src/state/postgres/migrate.ts'
import { createPostgresState } from '../../../src/state/postgres/state.ts'
import { atproto } from '../../../src/systems/atproto.ts'
import { SERVED } from '../../../src/systems/served.ts'
import { emptyDatabase, openPostgres } from './database.ts'

const SYSTEMS = ['medusa', 'supabase'] as const
beforeAll(() => {
  const { encryptedFields: _fields, passwords: _passwords, ...rest } = atproto
  for (const name of SYSTEMS)
    SERVED[name] = async () => ({ ...rest, name, state: inPostgres(name), commands: [] })
})
afterAll(() => {
  for (const name of SYSTEMS) delete SERVED[name]
})

it('the values of every system in a database that two share are sealed again', async () => {
  const { url, connect } = await emptyDatabase(await openPostgres())
  const database = connect()
  await applyState(database.db)
  const older = { id: 'older', bytes: randomBytes(32) }
  const newer = { id: 'newer', bytes: randomBytes(32) }
  const quarantineOf = (system: System, keyring: ReturnType<typeof createKeyring>) =>
    createPostgresState(database, system).quarantine({ keyring, hash: (text) => text, keepDays: 30 })
  for (const system of SYSTEMS)
    await quarantineOf(system, createKeyring([older])).store([{ tenant: '-', reason: 'r', content: system }])

  const env = { HOLDFAST_SYSTEMS: SYSTEMS.join(), MEDUSA_DB_URL: url, SUPABASE_DB_URL: url }
  await withEncryptedDatabases(env, async (databases) => {
    for (const { opened, fields } of databases)
      await opened.state.sealed.rotate(createKeyring([newer, older]), fields.all)
  })
  for (const system of SYSTEMS) {
    const stored = quarantineOf(system, createKeyring([newer]))
    const [id = ''] = await stored.ids()
    expect(await stored.open(id)).toMatchObject({ keyId: 'newer', content: system })
  }
})
