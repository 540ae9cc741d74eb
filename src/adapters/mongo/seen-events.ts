import type { Db } from 'mongodb'
import { createExpiry } from './expiry.ts'
import { duplicateKey, inMongo } from './errors.ts'

const COLLECTION = 'holdfast_events'
/** Longer than Auth0 goes on repeating a delivery. */
const KEEP_MS = 7 * 24 * 3_600_000

interface SeenDocument {
  _id: string
  expiresAt: Date
}

/** Which events have been made durable before, so that a repeated one need not reach Temporal. */
export interface SeenEvents {
  /** Those of the ids that were noted before. */
  known(tenant: string, ids: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * Notes ids whose events are durable. What is lost of this in a crash is told once more, which changes nothing, so
   * it waits for one member of the set and no journal.
   */
  note(tenant: string, ids: readonly string[]): Promise<void>
}

export function createSeenEvents(db: Db): SeenEvents {
  const seen = db.collection<SeenDocument>(COLLECTION, {
    writeConcern: { w: 1, journal: false },
    readConcern: { level: 'local' },
  })
  const expire = createExpiry(seen)

  return {
    async known(tenant, ids) {
      if (ids.length === 0) return new Set()
      const found = await inMongo(COLLECTION, 'find', () =>
        seen
          .find({ _id: { $in: ids.map((id) => keyOf(tenant, id)) } }, { batchSize: ids.length + 1 })
          .toArray(),
      )
      return new Set(found.map(({ _id }) => _id.slice(tenant.length + 1)))
    },

    async note(tenant, ids) {
      if (ids.length === 0) return
      const expiresAt = new Date(Date.now() + KEEP_MS)
      await inMongo(COLLECTION, 'insert', async () => {
        try {
          await seen.insertMany(
            ids.map((id) => ({ _id: keyOf(tenant, id), expiresAt })),
            { ordered: false },
          )
        } catch (error) {
          if (duplicateKey(error) === null) throw error // noted by another delivery in the same moment
        }
        await expire()
      })
    },
  }
}

function keyOf(tenant: string, id: string): string {
  return `${tenant}/${id}`
}
