import type { Db, MongoClient } from 'mongodb'
import { inTransaction } from './connect.ts'
import type { VerificationDocument } from './documents.ts'
import { duplicateKey, inMongo } from './errors.ts'

/** What has been counted for a person; `address` is a keyed hash, so the ledger names nobody. */
interface LedgerDocument {
  _id: string
  address: string
  /** How many times the address has changed since we know the person. */
  changes: number
  /** The changes whose address was counted as verified. */
  counted: number[]
}

export interface Verifications {
  /** Makes sure the person has a verification record; a count that is there stays, and is returned. */
  record(identity: string): Promise<number>
  /** Adds one to the count, unless this verification has been counted already. Safe to repeat. */
  count(identity: string, addressHash: string): Promise<void>
}

/**
 * `verifications`, with the ledger that makes counting safe to repeat: a verification is the person, the address
 * and how often the address had changed. Count and ledger change in one transaction, or not at all.
 */
export function createVerifications(client: MongoClient, db: Db): Verifications {
  const verifications = db.collection<VerificationDocument>('verifications')
  const ledger = db.collection<LedgerDocument>('holdfast_verifications')

  return {
    record: (identity) =>
      inMongo('verifications', 'insert', async () => {
        try {
          const { upsertedCount } = await verifications.updateOne(
            { _id: identity },
            { $setOnInsert: { count: 0 } },
            { upsert: true },
          )
          if (upsertedCount > 0) return 0
        } catch (error) {
          if (duplicateKey(error) === null) throw error // somebody else recorded it in the same moment
        }
        return (await verifications.findOne({ _id: identity }))?.count ?? 0
      }),

    async count(identity, addressHash) {
      await inMongo('verifications', 'update', async () => {
        const known = await ledger.findOne({ _id: identity })
        if (known !== null && isCounted(known, addressHash)) return
        await inTransaction(client, async (session) => {
          const entry = await ledger.findOne({ _id: identity }, { session })
          if (entry !== null && isCounted(entry, addressHash)) return
          const before = await verifications.findOne({ _id: identity }, { session })
          // A count without a ledger is from before us: that verification was counted by the old system.
          const add = entry === null && (before?.count ?? 0) > 0 ? 0 : 1
          const changes = entry === null ? 0 : entry.changes + (entry.address === addressHash ? 0 : 1)
          await ledger.updateOne(
            { _id: identity },
            { $set: { address: addressHash, changes }, $addToSet: { counted: changes } },
            { upsert: true, session },
          )
          if (add > 0) {
            await verifications.updateOne(
              { _id: identity },
              { $inc: { count: add } },
              { upsert: true, session },
            )
          }
        })
      })
    },
  }
}

function isCounted(entry: LedgerDocument, addressHash: string): boolean {
  return entry.address === addressHash && entry.counted.includes(entry.changes)
}
