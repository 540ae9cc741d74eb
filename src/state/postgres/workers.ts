import { sql } from 'kysely'
import type { System } from '../../contracts/systems.ts'
import type { WorkerReport } from '../../contracts/workers.ts'
import { callPostgres } from '../../adapters/postgres/lib/errors.ts'
import type { WorkerReports } from '../ports/workers.ts'
import { createSweep } from './lib/sweep.ts'
import type { StateDb } from './tables.ts'

const TABLE = 'holdfast.workers'

/**
 * `holdfast.workers`: one row per worker process and system, which the process writes every few seconds. The time is
 * that of the database's clock, so that the clocks of workers do not matter.
 */
export function createWorkerReports(db: StateDb, system: System): WorkerReports {
  const sweep = createSweep(db)
  return {
    report: ({ identity, host, pid, build, startedAt, settings }, stopped) =>
      callPostgres(TABLE, 'update', async () => {
        await sql`
          insert into holdfast.workers
            (system, identity, host, pid, build, started_at, settings, stopped, at, expires_at)
          values (${system}, ${identity}, ${host}, ${pid}, ${build}, ${startedAt}, ${JSON.stringify(settings)},
            ${stopped}, now(), now() + interval '24 hours')
          on conflict (system, identity) do update set
            host = excluded.host, pid = excluded.pid, build = excluded.build, started_at = excluded.started_at,
            settings = excluded.settings, stopped = excluded.stopped, at = excluded.at,
            expires_at = excluded.expires_at`.execute(db)
        await sweep()
      }),

    list: () =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<Omit<WorkerReport, 'startedAt'> & { startedAt: Date }>`
          select identity, host, pid, build, started_at as "startedAt", stopped, settings,
            greatest(0, round(extract(epoch from now() - at) * 1000))::int as "ageMs"
          from holdfast.workers
          where system = ${system} and expires_at > now()
          order by at desc, identity`.execute(db)
        return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString() }))
      }),
  }
}
