import { setTimeout as sleep } from 'node:timers/promises'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { MongoClient, type Db } from 'mongodb'
import type { ScanOutcome } from '../src/activities/audit.ts'
import { table } from '../src/cli/format/print.ts'
import { startMongo } from '../dev/servers/mongo/mongo.ts'
import { silentProgress as progress } from '../dev/servers/lib/progress.ts'
import { fill, recordedAudit, SCOPE } from './audit.ts'

const DB = 'bench_retention'
const HOUR_MS = 3_600_000
const ATTEMPTS = 20
const RETRY_MS = 5_000

/**
 * Measures the data that scheduled audits leave: the size of `holdfast_…` after successive audits of the same people,
 * half of whom have one lasting finding. Every activity of the scheduled audit runs, as in its workflow.
 */
export async function benchRetention(people: number, audits: number): Promise<string> {
  const mongo = await startMongo({ progress })
  const client = new MongoClient(mongo.uri)
  try {
    // MongoDB keeps five minutes of history, during which deleted documents keep their room. Hours pass in seconds here.
    await client.db('admin').command({ setParameter: 1, minSnapshotHistoryWindowInSeconds: 0 })
    const findings = Math.floor(people / 2)
    await fill(client.db(DB), people, findings)
    const rows = await audited(mongo.uri, client.db(DB), { people, findings, audits })
    return [
      `Size of holdfast_… after hourly audits of ${people} people with ${findings} findings that stay`,
      table(['audits', 'documents', 'data MB', 'on disk MB', 'of it reusable MB'], rows),
    ].join('\n')
  } finally {
    await client.close()
    await mongo.stop()
  }
}

async function audited(
  uri: string,
  db: Db,
  { people, findings, audits }: { people: number; findings: number; audits: number },
): Promise<string[][]> {
  const { activities, close } = recordedAudit(uri, DB, people)
  const environment = new MockActivityEnvironment()
  const run = <T>(activity: () => Promise<T>): Promise<T> => retried(() => environment.run(activity))
  const began = Date.now() - audits * HOUR_MS
  const shown = new Set([1, 2, 3, 5, 10, 25, 50, 75, audits])
  const rows: string[][] = []
  try {
    for (let n = 1; n <= audits; n += 1) {
      const audit = { auditId: `audit-${n}`, scope: SCOPE, scheduled: true }
      const outcomes: ScanOutcome[] = []
      for (const { name } of await run(() => activities.listScanSteps(SCOPE)))
        outcomes.push(await run(() => activities.runScanStep({ ...audit, step: name })))
      const at = new Date(began + n * HOUR_MS).toISOString()
      const { gaps } = await run(() =>
        activities.concludeAudit({ ...audit, system: 'atproto', at, outcomes }),
      )
      if (gaps['code-missing'] !== findings) throw new Error(`other findings: ${JSON.stringify(gaps)}`)
      await run(() => activities.deleteOldFindings())
      await run(() => activities.deleteAuditSnapshot({ auditId: audit.auditId, keepPeople: false }))
      if (!shown.has(n)) continue
      rows.push([String(n), ...(await sizes(db))])
      // The whole table takes an hour: whoever has to stop earlier keeps what was seen.
      process.stderr.write(`after ${n} of ${audits} audits: ${rows.at(-1)?.slice(1).join(', ')}\n`)
    }
    return rows
  } finally {
    await close()
  }
}

/** Runs an activity as its workflow does: again, where it failed in a way that a retry may mend. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run()
    } catch (error) {
      const retryable = error instanceof ApplicationFailure && error.nonRetryable !== true
      if (!retryable || attempt === ATTEMPTS) throw error
      await sleep(RETRY_MS)
    }
  }
}

interface StorageStats extends Record<
  'count' | 'size' | 'storageSize' | 'totalIndexSize' | 'freeStorageSize',
  number
> {
  readonly indexDetails: Readonly<
    Record<string, { readonly 'block-manager'?: { readonly 'file bytes available for reuse': number } }>
  >
}

async function sizes(db: Db): Promise<string[]> {
  await db.admin().command({ fsync: 1 })
  let [documents, data, disk, reusable] = [0, 0, 0, 0]
  for (const { name } of await db.listCollections({ name: /^holdfast_/ }).toArray()) {
    const [stats] = await db
      .collection(name)
      .aggregate<{ storageStats: StorageStats }>([{ $collStats: { storageStats: {} } }])
      .toArray()
    documents += stats?.storageStats.count ?? 0
    data += stats?.storageStats.size ?? 0
    disk += (stats?.storageStats.storageSize ?? 0) + (stats?.storageStats.totalIndexSize ?? 0)
    // Deleted documents leave room in the files, which MongoDB fills again before it makes them larger.
    reusable += stats?.storageStats.freeStorageSize ?? 0
    for (const index of Object.values(stats?.storageStats.indexDetails ?? {}))
      reusable += index['block-manager']?.['file bytes available for reuse'] ?? 0
  }
  return [String(documents), megabytes(data), megabytes(disk), megabytes(reusable)]
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
