import type { Db } from 'mongodb'
import { inMongo } from './errors.ts'
import { createExpiry } from './expiry.ts'

const COLLECTION = 'holdfast_reveals'
const KEEP_MS = 400 * 24 * 3_600_000

/** Something sealed was shown in clear to somebody. Says nothing of what it was. */
export interface Reveal {
  readonly kind: 'payload' | 'password' | 'export' | 'quarantine'
  /** The keys it was sealed with, or may have been; none for a password that is stored plain. */
  readonly keyIds: readonly string[]
  readonly count: number
  /** By which way, and where it is known, who: `codec endpoint`, `ana on laptop`. */
  readonly caller: string
  readonly reason: string | null
}

interface RevealDocument extends Reveal {
  at: Date
  expiresAt: Date
}

export interface Reveals {
  /** Comes before the showing: what cannot be recorded is not shown. */
  record(reveal: Reveal): Promise<void>
}

export function createReveals(db: Db): Reveals {
  const reveals = db.collection<RevealDocument>(COLLECTION)
  const expire = createExpiry(reveals)
  return {
    async record(reveal) {
      const at = new Date()
      await inMongo(COLLECTION, 'insert', async () => {
        await reveals.insertOne({ ...reveal, at, expiresAt: new Date(at.getTime() + KEEP_MS) })
        await expire()
      })
    },
  }
}
