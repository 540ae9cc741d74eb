import type { Db } from 'mongodb'
import type { Keyring } from '../../crypto/keyring.ts'
import { inMongo } from './errors.ts'
import { createExpiry } from './expiry.ts'

const COLLECTION = 'holdfast_quarantine'
const DAY_MS = 24 * 3_600_000

interface QuarantineDocument {
  _id: string
  system: string
  tenant: string
  reason: string
  /** The entry as it came, sealed: what cannot be read may hold anything. */
  content: string
  firstSeen: Date
  lastSeen: Date
  times: number
  expiresAt: Date
}

export interface QuarantineEntry {
  readonly id: string
  readonly system: string
  readonly tenant: string
  readonly reason: string
  readonly firstSeen: string
  readonly lastSeen: string
  readonly times: number
  readonly expiresAt: string
}

export interface UnreadEntry {
  readonly system: string
  readonly tenant: string
  readonly reason: string
  readonly content: string
}

export interface Quarantine {
  /** Keeps entries that could not be read, in one call. The same entry again only counts up. */
  keep(entries: readonly UnreadEntry[]): Promise<void>
  /** Newest first, at most `limit`. */
  list(system: string, limit: number): Promise<QuarantineEntry[]>
  /** How many there are of each reason, the most frequent first. */
  counts(system: string): Promise<Record<string, number>>
  ids(system: string): Promise<string[]>
  /** One entry with its content opened; null where there is none. Throws `seal-broken` when no key opens it. */
  open(system: string, id: string): Promise<(QuarantineEntry & { content: string }) | null>
  /** Says why an entry still cannot be read; when it was seen, and so its expiry, stays. */
  stillUnread(id: string, reason: string): Promise<void>
  /** How many of these were there to be removed. */
  remove(system: string, ids: readonly string[]): Promise<number>
}

/** `keepDays`: how long an entry stays after it was last seen. */
export function createQuarantine(
  db: Db,
  keyring: Keyring,
  hash: (value: string) => string,
  keepDays: number,
): Quarantine {
  const quarantine = db.collection<QuarantineDocument>(COLLECTION)
  const expire = createExpiry(quarantine)
  const placeOf = (id: string) => ({ collection: COLLECTION, person: id, field: 'content' })

  return {
    async keep(entries) {
      if (entries.length === 0) return
      const now = new Date()
      const expiresAt = new Date(now.getTime() + keepDays * DAY_MS)
      const byId = Map.groupBy(entries, ({ system, tenant, content }) =>
        hash(`${system}/${tenant}/${content}`).slice(0, 24),
      )
      const writes = [...byId].flatMap(([id, [entry, ...same]]) => {
        if (entry === undefined) return []
        const { system, tenant, reason, content } = entry
        return {
          updateOne: {
            filter: { _id: id },
            update: {
              $setOnInsert: {
                system,
                tenant,
                content: keyring.seal(content, placeOf(id)),
                firstSeen: now,
              },
              $set: { reason, lastSeen: now, expiresAt },
              $inc: { times: 1 + same.length },
            },
            upsert: true,
          },
        }
      })
      await inMongo(COLLECTION, 'update', async () => {
        await quarantine.bulkWrite(writes, { ordered: false })
        await expire()
      })
    },

    list: (system, limit) =>
      inMongo(COLLECTION, 'find', async () => {
        const found = quarantine
          .find<Omit<QuarantineDocument, 'content'>>({ system }, { projection: { content: 0 } })
          .sort({ lastSeen: -1 })
          .limit(limit)
        return (await found.toArray()).map(shown)
      }),

    counts: (system) =>
      inMongo(COLLECTION, 'find', async () => {
        const groups = await quarantine
          .aggregate<{
            _id: string
            count: number
          }>([{ $match: { system } }, { $sortByCount: '$reason' }])
          .toArray()
        return Object.fromEntries(groups.map(({ _id, count }) => [_id, count]))
      }),

    ids: (system) =>
      inMongo(COLLECTION, 'find', async () => {
        const found = quarantine.find({ system }, { projection: { _id: 1 } })
        return (await found.toArray()).map(({ _id }) => _id)
      }),

    async open(system, id) {
      const found = await inMongo(COLLECTION, 'find', () => quarantine.findOne({ _id: id, system }))
      return found === null ? null : { ...shown(found), content: keyring.open(found.content, placeOf(id)) }
    },

    async stillUnread(id, reason) {
      await inMongo(COLLECTION, 'update', () => quarantine.updateOne({ _id: id }, { $set: { reason } }))
    },

    async remove(system, ids) {
      const { deletedCount } = await inMongo(COLLECTION, 'delete', () =>
        quarantine.deleteMany({ system, _id: { $in: [...ids] } }),
      )
      return deletedCount
    },
  }
}

function shown(document: Omit<QuarantineDocument, 'content'>): QuarantineEntry {
  const { _id, system, tenant, reason, firstSeen, lastSeen, times, expiresAt } = document
  return {
    id: _id,
    system,
    tenant,
    reason,
    firstSeen: firstSeen.toISOString(),
    lastSeen: lastSeen.toISOString(),
    times,
    expiresAt: expiresAt.toISOString(),
  }
}
