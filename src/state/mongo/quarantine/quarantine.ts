import { setImmediate as turn } from 'node:timers/promises'
import type { AnyBulkWriteOperation, Db } from 'mongodb'
import type { System } from '../../../contracts/systems.ts'
import { keyIdOf } from '../../../crypto/keyring.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { entryIdOf, mentionHashes } from '../../lib/quarantined-entries.ts'
import { createQuarantineQuota } from './quota.ts'
import type {
  OriginalContent,
  Quarantine,
  QuarantineOptions,
  QuarantineEntry,
  UnreadableEntry,
} from '../../ports/quarantine.ts'

const COLLECTION = 'holdfast_quarantine'
const DAY_MS = 24 * 3_600_000

interface QuarantineDocument {
  _id: string
  system: string
  tenant: string
  reason: string
  /** The entry as it arrived, sealed: an unreadable entry may contain any data. */
  content: string
  /** Set where `content` is not the whole entry, or not exactly the entry. */
  original?: OriginalContent
  /**
   * Keyed hashes of every string in it that looks like an id or an address, so that a deletion finds it. Missing where
   * there are too many, and in entries from before hashes were stored: those are decrypted.
   */
  mentions?: string[]
  firstSeen: Date
  lastSeen: Date
  times: number
  expiresAt: Date
}

export function createQuarantine(
  db: Db,
  system: System,
  { keyring, hash, keepDays, quota: daily }: QuarantineOptions,
): Quarantine {
  const quarantine = db.collection<QuarantineDocument>(COLLECTION)
  const expire = createExpiry(quarantine)
  const quota = createQuarantineQuota(db, daily)
  const mentionsOf = (content: string): Pick<QuarantineDocument, 'mentions'> => {
    const mentions = mentionHashes(content, hash)
    return mentions === null ? {} : { mentions }
  }
  const placeOf = (id: string) => ({ collection: COLLECTION, person: id, field: 'content' })

  /** The ids that are not to be stored: new ones past their tenant's limit. */
  const overQuota = async (byId: ReadonlyMap<string, readonly UnreadableEntry[]>): Promise<Set<string>> => {
    const there = await callMongo(COLLECTION, 'find', () =>
      quarantine.find({ _id: { $in: [...byId.keys()] } }, { projection: { _id: 1 } }).toArray(),
    )
    const known = new Set(there.map(({ _id }) => _id))
    const fresh = [...byId].flatMap(([id, [entry]]) =>
      entry === undefined || known.has(id) ? [] : { id, entry },
    )
    const past = new Set<string>()
    for (const [tenant, ofTenant] of Map.groupBy(fresh, ({ entry }) => entry.tenant)) {
      const sizes = ofTenant.map(({ entry }) => Buffer.byteLength(entry.content))
      const admitted = await quota.admit(system, tenant, sizes)
      for (const { id } of ofTenant.slice(admitted)) past.add(id)
    }
    return past
  }

  return {
    async store(entries) {
      if (entries.length === 0) return { notStored: 0 }
      const now = new Date()
      const expiresAt = new Date(now.getTime() + keepDays * DAY_MS)
      const byId = Map.groupBy(entries, (entry) => entryIdOf(system, entry, hash))
      const past = await overQuota(byId)
      const writes: AnyBulkWriteOperation<QuarantineDocument>[] = []
      for (const [id, [entry, ...same]] of byId) {
        if (entry === undefined || past.has(id)) continue
        const { tenant, reason, content, original = null } = entry
        writes.push({
          updateOne: {
            filter: { _id: id },
            update: {
              $setOnInsert: {
                system,
                tenant,
                content: keyring.seal(content, placeOf(id)),
                firstSeen: now,
                ...(original === null ? {} : { original }),
              },
              $set: { reason, ...mentionsOf(content) },
              // Calls that store the same entry at one time may write in another order than they began.
              $max: { lastSeen: now, expiresAt },
              $inc: { times: 1 + same.length },
            },
            upsert: true,
          },
        })
        // A delivery has thousands of entries with hundreds of names each: the event loop serves other requests between
        // two entries.
        await turn()
      }
      if (writes.length > 0)
        await callMongo(COLLECTION, 'update', async () => {
          await quarantine.bulkWrite(writes, { ordered: false })
          await expire()
        })
      return { notStored: past.size }
    },

    exceeded: () => quota.exceeded(system),

    list: (limit) =>
      callMongo(COLLECTION, 'find', async () => {
        const found = quarantine
          .find<Omit<QuarantineDocument, 'content'>>({ system }, { projection: { content: 0 } })
          .sort({ lastSeen: -1 })
          .limit(limit)
        return (await found.toArray()).map(shown)
      }),

    ids: () =>
      callMongo(COLLECTION, 'find', async () => {
        const found = quarantine.find({ system }, { projection: { _id: 1 } })
        return (await found.toArray()).map(({ _id }) => _id)
      }),

    async open(id) {
      const found = await callMongo(COLLECTION, 'find', () => quarantine.findOne({ _id: id, system }))
      if (found === null) return null
      const content = keyring.open(found.content, placeOf(id))
      return { ...shown(found), content, keyId: keyIdOf(found.content) ?? '' }
    },

    async updateReason(id, reason) {
      await callMongo(COLLECTION, 'update', () =>
        quarantine.updateOne({ _id: id, system }, { $set: { reason } }),
      )
    },

    async remove(ids) {
      const { deletedCount } = await callMongo(COLLECTION, 'delete', () =>
        quarantine.deleteMany({ system, _id: { $in: [...ids] } }),
      )
      return deletedCount
    },
  }
}

function shown(document: Omit<QuarantineDocument, 'content'>): QuarantineEntry {
  const { _id, system, tenant, reason, firstSeen, lastSeen, times, expiresAt, original = null } = document
  return {
    id: _id,
    system,
    tenant,
    reason,
    firstSeen: firstSeen.toISOString(),
    lastSeen: lastSeen.toISOString(),
    times,
    expiresAt: expiresAt.toISOString(),
    original,
  }
}
