import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { createExpiry } from '../../adapters/mongo/lib/expiry.ts'
import { ownDocuments } from './lib/own-documents.ts'
import { upsertAgain } from './lib/upsert.ts'
import type { WorkerReports } from '../ports/workers.ts'

const COLLECTION = 'holdfast_workers'
/** How long the report of a stopped worker can be read. */
const KEEP_MS = 24 * 3_600_000

interface WorkerDocument {
  /** By the worker's identity at Temporal, which is the process's: it may serve several systems. */
  _id: string
  system: System | null
  host: string
  pid: number
  build: string
  startedAt: Date
  /** By the database's clock, so that the clocks of workers do not matter. */
  at: Date
  stopped: boolean
  settings: Record<string, string>
  expiresAt: Date
}

/** `holdfast_workers`: one document per worker process and system, which the process writes every few seconds. */
export function createWorkerReports(db: Db, system: System): WorkerReports {
  const { idOf, nameOf, own } = ownDocuments(system)
  const workers = db.collection<WorkerDocument>(COLLECTION, { writeConcern: { w: 1 } })
  const expire = createExpiry(workers)
  return {
    report: ({ identity, ...worker }, stopped) =>
      callMongo(COLLECTION, 'update', async () => {
        const fields = { ...worker, system, stopped }
        await upsertAgain(() =>
          workers.updateOne(
            { _id: idOf(identity), ...own },
            [
              {
                // As a literal: a value that begins with a dollar would be read as a field.
                $set: {
                  ...Object.fromEntries(
                    Object.entries(fields).map(([name, value]) => [name, { $literal: value }]),
                  ),
                  at: '$$NOW',
                  expiresAt: { $add: ['$$NOW', KEEP_MS] },
                },
              },
            ],
            { upsert: true },
          ),
        )
        await expire()
      }),

    list: () =>
      callMongo(COLLECTION, 'find', async () => {
        const found = await workers
          .aggregate<WorkerDocument & { ageMs: number }>([
            { $match: own },
            { $sort: { at: -1 } },
            { $addFields: { ageMs: { $subtract: ['$$NOW', '$at'] } } },
          ])
          .toArray()
        return found.map(({ _id, host, pid, build, startedAt, ageMs, stopped, settings }) => ({
          identity: nameOf(_id),
          host,
          pid,
          build,
          startedAt: startedAt.toISOString(),
          ageMs,
          stopped,
          settings,
        }))
      }),
  }
}
