import { describe, inject } from 'vitest'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { findPgBouncer, startPgBouncer } from '../../../dev/servers/postgres/pgbouncer.ts'
import { shellEnv } from '../../../src/config.ts'
import { atEnd } from '../../support/at-end.ts'
import { postgresHome } from './postgres-home.ts'
import { runContract } from './run-contract.ts'

// Two connections to the server for all processes of a test: they get each other's after every transaction.
const program = await findPgBouncer()
if (program === null) {
  if (shellEnv()['CI'] === 'true') throw new Error('pgbouncer is not installed')
  describe.skip('through PgBouncer (skipped: pgbouncer is not installed)', () => {})
} else {
  const { postgresUrl } = inject('stateServers')
  const pgbouncer = await startPgBouncer({ program, postgresUrl, poolSize: 2, progress })
  atEnd(() => pgbouncer.stop())
  runContract({
    ...postgresHome(pgbouncer.through(postgresUrl), 'medusa', 'supabase'),
    name: 'Postgres through PgBouncer in transaction mode',
  })
}
