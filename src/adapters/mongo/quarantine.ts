import type { Db } from 'mongodb'
import type { Keyring } from '../../crypto/keyring.ts'
import { inMongo } from './errors.ts'
import { expiring } from './expiring.ts'

const COLLECTION = 'holdfast_quarantine'
const KEEP_MS = 90 * 24 * 3_600_000

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

export interface Quarantine {
  /** Keeps an entry that could not be read. The same entry again only counts up. */
  keep(entry: { system: string; tenant: string; reason: string; content: string }): Promise<void>
  /** Newest first, at most `limit`. */
  list(system: string, limit: number): Promise<QuarantineEntry[]>
}

export function createQuarantine(db: Db, keyring: Keyring, hash: (value: string) => string): Quarantine {
  const quarantine = db.collection<QuarantineDocument>(COLLECTION)
  const expire = expiring(quarantine)

  return {
    async keep({ system, tenant, reason, content }) {
      const now = new Date()
      const id = hash(`${system}/${tenant}/${content}`).slice(0, 24)
      await inMongo(COLLECTION, 'update', async () => {
        await quarantine.updateOne(
          { _id: id },
          {
            $setOnInsert: {
              system,
              tenant,
              content: keyring.seal(content, { collection: COLLECTION, person: id, field: 'content' }),
              firstSeen: now,
            },
            $set: { reason, lastSeen: now, expiresAt: new Date(now.getTime() + KEEP_MS) },
            $inc: { times: 1 },
          },
          { upsert: true },
        )
        await expire(now)
      })
    },

    list(system, limit) {
      return inMongo(COLLECTION, 'find', async () => {
        const found = await quarantine
          .find<Omit<QuarantineDocument, 'content'>>({ system }, { projection: { content: 0 } })
          .sort({ lastSeen: -1 })
          .limit(limit)
          .toArray()
        return found.map(({ _id, firstSeen, lastSeen, expiresAt, ...rest }) => ({
          id: _id,
          ...rest,
          firstSeen: firstSeen.toISOString(),
          lastSeen: lastSeen.toISOString(),
          expiresAt: expiresAt.toISOString(),
        }))
      })
    },
  }
}
