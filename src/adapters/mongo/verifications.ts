import type { ClientSession, Db, MongoClient } from 'mongodb'
import { neverCancelled, type CancellationCheck } from '../cancellation-check.ts'
import { memoizeSuccess } from './lib/memoize-success.ts'
import {
  afterObservation,
  type ProviderObservation,
  type VerificationLedger,
} from '../../domain/atproto/verification-ledger.ts'
import { inTransaction } from './lib/connect.ts'
import type { VerificationDocument } from './documents.ts'
import { duplicateKey, callMongo } from './lib/errors.ts'

type LedgerDocument = VerificationLedger & { _id: string }

export interface Verifications {
  /**
   * Makes sure the person has a verification record. An existing count stays, a lost one is restored from the ledger;
   * returns the count.
   */
  record(identity: string): Promise<number>
  /**
   * Records the result of a look-up at the provider; adds one to the count for a verification not counted yet. Safe to
   * repeat.
   */
  count(identity: string, sighting: ProviderObservation): Promise<void>
  /**
   * People whose verified address was once this one, whatever it is now; creates the index for this query. `address`:
   * its keyed hash.
   */
  everVerifiedWith(address: string): Promise<string[]>
}

/**
 * `verifications`, with the ledger that makes counting safe to repeat. Count and ledger change in one transaction, or
 * not at all. `check` is called before each write.
 */
export function createVerifications(
  client: MongoClient,
  db: Db,
  check: CancellationCheck = neverCancelled,
): Verifications {
  const verifications = db.collection<VerificationDocument>('verifications')
  const ledger = db.collection<LedgerDocument>('holdfast_verifications')

  const index = memoizeSuccess(() => ledger.createIndex({ verified: 1 }, { sparse: true }))

  const judge = async (identity: string, sighting: ProviderObservation, session?: ClientSession) => {
    const within = session === undefined ? {} : { session }
    const known = await ledger.findOne({ _id: identity }, within)
    const before = known === null ? await verifications.findOne({ _id: identity }, within) : null
    return afterObservation(known, before?.count ?? 0, sighting)
  }

  return {
    record: (identity) =>
      callMongo('verifications', 'insert', async () => {
        const found = await verifications.findOne({ _id: identity })
        if (found !== null) return found.count
        const known = await ledger.findOne({ _id: identity }, { projection: { counted: 1 } })
        try {
          const count = known?.counted.length ?? 0
          const { upsertedCount } = await verifications.updateOne(
            { _id: identity },
            { $setOnInsert: { count } },
            { upsert: true },
          )
          if (upsertedCount > 0) return count
        } catch (error) {
          if (duplicateKey(error) === null) throw error // another process recorded it at the same time
        }
        return (await verifications.findOne({ _id: identity }))?.count ?? 0
      }),

    async count(identity, sighting) {
      await callMongo('verifications', 'update', async () => {
        if ((await judge(identity, sighting)) === null) return
        const change = async (session: ClientSession): Promise<void> => {
          const counted = await judge(identity, sighting, session)
          if (counted === null) return
          check()
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
            // A record that was lost begins with the ledger's count.
            const before = { $ifNull: ['$count', done.length - counted.add] }
            check()
            await verifications.updateOne(
              { _id: identity },
              [{ $set: { count: { $add: [before, counted.add] } } }],
              { upsert: true, session },
            )
          }
        }
        await inTransaction(client, change, check)
      })
    },

    everVerifiedWith: (address) =>
      callMongo('holdfast_verifications', 'find', async () => {
        await index()
        const found = await ledger
          .find({ verified: address }, { projection: { _id: 1 } })
          .sort({ _id: 1 })
          .toArray()
        return found.map(({ _id }) => _id)
      }),
  }
}
