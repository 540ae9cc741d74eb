import type { Db } from 'mongodb'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { fitting } from '../../lib/quarantined-entries.ts'
import { DAILY_QUOTA, type DailyQuota, type QuotaExceeded } from '../../ports/quarantine.ts'

const COLLECTION = 'holdfast_quarantine_days'
const DAY_MS = 24 * 3_600_000
/** The number of days for which a day's figures are kept. */
const KEPT_DAYS = 30

interface DayDocument {
  _id: string
  system: string
  tenant: string
  day: string
  /** New entries that arrived, and their bytes, whether they were stored or not. */
  entries: number
  bytes: number
  notStored: number
  expiresAt: Date
}

export interface QuarantineQuota {
  /**
   * The number of these entries, given by their sizes, that may be stored today, from the first on. Counts the others.
   */
  admit(system: string, tenant: string, sizes: readonly number[]): Promise<number>
  /** The days of the last 30 on which entries were not stored, the newest first. */
  exceeded(system: string): Promise<QuotaExceeded[]>
}

/** Each call reserves a range of the day's quota by one atomic step, so any number of servers share one limit. */
export function createQuarantineQuota(db: Db, bound: DailyQuota = DAILY_QUOTA): QuarantineQuota {
  const days = db.collection<DayDocument>(COLLECTION)
  const expire = createExpiry(days)

  return {
    admit: (system, tenant, sizes) =>
      callMongo(COLLECTION, 'update', async () => {
        if (sizes.length === 0) return 0
        const now = Date.now()
        const day = new Date(now).toISOString().slice(0, 10)
        const _id = `${system}/${tenant}/${day}`
        const before = await days.findOneAndUpdate(
          { _id },
          {
            $inc: { entries: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0), notStored: 0 },
            $setOnInsert: { system, tenant, day, expiresAt: new Date(now + KEPT_DAYS * DAY_MS) },
          },
          { upsert: true, returnDocument: 'before' },
        )
        await expire()
        const admitted = fitting(sizes, {
          entries: bound.entries - (before?.entries ?? 0),
          bytes: bound.bytes - (before?.bytes ?? 0),
        })
        if (admitted < sizes.length)
          await days.updateOne({ _id }, { $inc: { notStored: sizes.length - admitted } })
        return admitted
      }),

    exceeded: (system) =>
      callMongo(COLLECTION, 'find', async () => {
        const found = await days
          .find({ system, notStored: { $gt: 0 } })
          .sort({ day: -1, tenant: 1 })
          .toArray()
        return found.map(({ tenant, day, notStored }) => ({ tenant, day, notStored }))
      }),
  }
}
