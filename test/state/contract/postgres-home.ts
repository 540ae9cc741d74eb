import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { Client, escapeIdentifier } from 'pg'
import { connectPostgres } from '../../../src/adapters/postgres/lib/connect.ts'
import type { System } from '../../../src/contracts/systems.ts'
import { applyState } from '../../../src/state/postgres/migrate.ts'
import { createPostgresState } from '../../../src/state/postgres/state.ts'
import type { StateDb, StateTables } from '../../../src/state/postgres/tables.ts'
import type { Home, TestDatabase } from './home.ts'

/** Postgres, with connections as a worker has them. `url` names an administrator, who creates the databases. */
export function postgresHome(url: string, system: System, otherSystem: System): Home {
  return {
    name: `Postgres, state of ${system}`,
    kind: 'postgres',
    system,
    otherSystem,
    unreachable: 'postgres-unreachable',
    denied: 'postgres-denied',
    storeName: (store) => `holdfast.${store}`,
    create: () => createDatabase(url),
    openUnreachable: () =>
      createPostgresState(
        connectPostgres<StateTables>({ url: 'postgres://nobody@127.0.0.1:1/nowhere', connectMs: 300 }),
        system,
      ),
  }
}

async function createDatabase(url: string): Promise<TestDatabase> {
  const name = `contract_${randomBytes(6).toString('hex')}`
  await administer(url, `create database ${escapeIdentifier(name)}`)
  const address = new URL(url)
  address.pathname = `/${name}`
  const connect = () => connectPostgres<StateTables>({ url: address.href })
  const own = connect()
  const connections = [own]
  const { db } = own
  await applyState(db)
  await sql`create table public.app_secrets (id text primary key, value text, list text[])`.execute(db)
  return {
    async open(system) {
      const connection = connect()
      connections.push(connection)
      return createPostgresState(connection, system)
    },
    age: (ms) => ageAll(db, ms),
    written: async () => {},
    secrets: {
      field: {
        collection: 'public.app_secrets',
        path: 'value',
        context: { collection: 'app_secrets', field: 'value' },
        isSampled: true,
      },
      put: async (id, value) =>
        void (await sql`
          insert into public.app_secrets (id, value) values (${id}, ${value})
          on conflict (id) do update set value = excluded.value`.execute(db)),
      async get(id) {
        const { rows } = await sql<{ value: string }>`
          select value from public.app_secrets where id = ${id}`.execute(db)
        return rows[0]?.value ?? null
      },
      list: {
        collection: 'public.app_secrets',
        path: 'list',
        context: { collection: 'app_secrets', field: 'list' },
        isSampled: true,
      },
      putList: async (id, values) =>
        void (await sql`
          insert into public.app_secrets (id, list) values (${id}, ${[...values]}::text[])
          on conflict (id) do update set list = excluded.list`.execute(db)),
    },
    async drop() {
      await Promise.all(connections.map((connection) => connection.close()))
      await administer(url, `drop database ${escapeIdentifier(name)} with (force)`)
    },
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The JSON columns with times that a store itself has set; other JSON columns contain only what they were given. */
const TIMES_IN = ['leases', 'seen_by', 'minutes', 'events']

async function ageAll(db: StateDb, ms: number): Promise<void> {
  const { rows } = await sql<{ table: string; column: string; type: string }>`
    select table_name as "table", column_name as "column", data_type as type
    from information_schema.columns where table_schema = 'holdfast'`.execute(db)
  for (const { table, column, type } of rows) {
    const [rowsOf, time] = [sql.table(`holdfast.${table}`), sql.ref(column)]
    if (type === 'timestamp with time zone')
      await sql`update ${rowsOf} set ${time} = ${time} - make_interval(secs => ${ms / 1_000}::float8)`.execute(
        db,
      )
    if (type !== 'jsonb' || !TIMES_IN.includes(column)) continue
    const found = await sql<{ ctid: string; json: string }>`
      select ctid::text, ${time}::text as json from ${rowsOf}`.execute(db)
    for (const { ctid, json } of found.rows)
      await sql`
        update ${rowsOf} set ${time} = ${earlier(json, ms)}::jsonb where ctid = ${ctid}::tid`.execute(db)
  }
}

/** The same JSON with every time in it that much earlier. */
function earlier(json: string, ms: number): string {
  return json.replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00))"/g, (_, time: string) =>
    JSON.stringify(new Date(Date.parse(time) - ms).toISOString()),
  )
}
