import type { ClientSession, Db, MongoClient } from 'mongodb'
import { askedOnce } from './asked-once.ts'
import { afterSighting, type Sighting, type VerificationLedger } from '../../domain/verification-ledger.ts'
import { inTransaction } from './connect.ts'
import type { VerificationDocument } from './documents.ts'
import { duplicateKey, inMongo } from './errors.ts'

type LedgerDocument = VerificationLedger & { _id: string }

export interface Verifications {
  /** Makes sure the person has a verification record; a count that is there stays, and is returned. */
  record(identity: string): Promise<number>
  /** Takes down what a look at the provider showed; adds one to the count for a verification not counted yet. Safe to repeat. */
  count(identity: string, sighting: Sighting): Promise<void>
  /** Whom we have seen with that address verified, whatever theirs is by now, by an index made sure of. `address`: its keyed hash. */
  everVerifiedWith(address: string): Promise<string[]>
}

/**
 * `verifications`, with the ledger that makes counting safe to repeat. Count and ledger change in one transaction,
 * or not at all.
 */
export function createVerifications(client: MongoClient, db: Db): Verifications {
  const verifications = db.collection<VerificationDocument>('verifications')
  const ledger = db.collection<LedgerDocument>('holdfast_verifications')

  const index = askedOnce(() => ledger.createIndex({ verified: 1 }, { sparse: true }))

  const judge = async (identity: string, sighting: Sighting, session?: ClientSession) => {
    const within = session === undefined ? {} : { session }
    const known = await ledger.findOne({ _id: identity }, within)
    const before = known === null ? await verifications.findOne({ _id: identity }, within) : null
    return afterSighting(known, before?.count ?? 0, sighting)
  }

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

    async count(identity, sighting) {
      await inMongo('verifications', 'update', async () => {
        if ((await judge(identity, sighting)) === null) return
        await inTransaction(client, async (session) => {
          const counted = await judge(identity, sighting, session)
          if (counted === null) return
          const { address, changes, counted: done, countedAt, verified } = counted.ledger
          await ledger.updateOne(
            { _id: identity },
            {
              $set: {
                address,
                changes,
                counted: [...done],
                ...(countedAt === undefined ? {} : { countedAt }),
                ...(verified === undefined ? {} : { verified: [...verified] }),
              },
            },
            { upsert: true, session },
          )
          if (counted.add > 0) {
            await verifications.updateOne(
              { _id: identity },
              { $inc: { count: counted.add } },
              { upsert: true, session },
            )
          }
        })
      })
    },

    everVerifiedWith: (address) =>
      inMongo('holdfast_verifications', 'find', async () => {
        await index()
        const found = await ledger
          .find({ verified: address }, { projection: { _id: 1 } })
          .sort({ _id: 1 })
          .toArray()
        return found.map(({ _id }) => _id)
      }),
  }
}
