/** Entry: the PLC directory. Its settings are in the file named by the first argument. */
import { readFile } from 'node:fs/promises'
import { Database, PlcServer } from '@did-plc/server'
import { LISTENING, loopbackOnly } from './atproto-process.ts'

export interface PlcSettings {
  port: number
  /** Absent: operations are kept in memory. */
  databaseUrl?: string
}

const { port, databaseUrl } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as PlcSettings

const plc = PlcServer.create({ db: await openDatabase(databaseUrl), port })
loopbackOnly(plc.app)
await plc.start()
process.stdout.write(`${LISTENING}\n`)

process.once('SIGTERM', () => {
  void plc.destroy().finally(() => process.exit(0))
})

// The pool of the PLC library has no listener for idle connections that Postgres closes; the next query opens another
// one.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  process.stderr.write(`${error.stack}\n`)
  if (!databaseUrl || !['57P01', 'ECONNRESET'].includes(error.code ?? '')) process.exit(1)
})

async function openDatabase(url: string | undefined) {
  if (url === undefined) return Database.mock()
  const database = Database.postgres({ url })
  await database.migrateToLatestOrThrow()
  return database
}
