import { randomBytes, randomUUID } from 'node:crypto'
import pMap from 'p-map'
import { dataDirectory } from '../dev/servers/lib/data-dir.ts'
import { startMongo } from '../dev/servers/mongo/mongo.ts'
import { startPostgres } from '../dev/servers/postgres/postgres.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { connectMongo } from '../src/adapters/mongo/lib/connect.ts'
import { connectPostgres } from '../src/adapters/postgres/lib/connect.ts'
import { table } from '../src/cli/format/print.ts'
import { createIdHash, createKeyring } from '../src/crypto/keyring.ts'
import { createMongoState } from '../src/state/mongo/state.ts'
import { applyState } from '../src/state/postgres/migrate.ts'
import { createPostgresState } from '../src/state/postgres/state.ts'
import type { StateTables } from '../src/state/postgres/tables.ts'
import { operationsOf, type Operation } from './state-operations.ts'

/** Calls in flight at once, as of a worker under load. */
const IN_FLIGHT = 10

/**
 * Measures each operation of the stores on both databases, on servers with the settings of `npm start`, and prints
 * calls per second and how the databases compare in this run. `ms`: for how long each operation runs.
 */
export async function benchState(ms: number): Promise<string> {
  const progress = terminalProgress()
  const mongo = await startMongo({ progress })
  // The server waits for the disk only where it is given a directory: it takes that for one that is kept.
  const data = await dataDirectory(undefined, 'bench')
  const postgres = await startPostgres({ progress, dataDir: data.path })
  const { db, client } = connectMongo({ uri: mongo.uri, db: 'bench' })
  const database = connectPostgres<StateTables>({ url: await postgres.ensureDatabase('bench') })
  const rows: string[][] = []
  try {
    await applyState(database.db)
    const states = [createMongoState(db, 'medusa'), createPostgresState(database, 'medusa')] as const
    const options = {
      keyring: createKeyring([{ id: 'bench', bytes: randomBytes(32) }]),
      hash: createIdHash(randomBytes(32)),
    }
    const [first, second] = states.map((state) => operationsOf(state, options))
    for (const [name, operation] of Object.entries(first ?? {})) {
      const other = second?.[name]
      if (other === undefined) throw new Error(`no operation ${name}`)
      const inMongo = await perSecond(operation, ms)
      const inPostgres = await perSecond(other, ms)
      rows.push([name, whole(inMongo), whole(inPostgres), (inPostgres / inMongo).toFixed(2)])
      process.stderr.write(`${rows.at(-1)?.join(' | ')}\n`)
    }
  } finally {
    await Promise.all([client.close(), database.close()])
    await Promise.all([mongo.stop(), postgres.stop()])
    await data.remove()
  }
  return [
    `Operations of the state per second, ${IN_FLIGHT} in flight`,
    table(['operation', 'MongoDB', 'Postgres', 'Postgres : MongoDB'], rows),
  ].join('\n')
}

async function perSecond({ prepare = async () => {}, run }: Operation, ms: number): Promise<number> {
  await prepare()
  await run(randomUUID()) // connections and indexes
  const began = performance.now()
  let calls = 0
  const oneAfterAnother = async (): Promise<void> => {
    while (performance.now() - began < ms) {
      await run(randomUUID())
      calls += 1
    }
  }
  await pMap(Array.from({ length: IN_FLIGHT }), oneAfterAnother, { concurrency: IN_FLIGHT })
  return (calls / (performance.now() - began)) * 1_000
}

function whole(perSecondCount: number): string {
  return Math.round(perSecondCount).toLocaleString('en')
}
