import type { Db } from 'mongodb'
import { isSealed, type EncryptionContext } from '../../../crypto/keyring.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'

/** The sample size per place: large enough to contain every key in use, and quick to read. */
const SAMPLE = 1_000

export interface SealedSample {
  readonly keyId: string
  readonly sealed: string
  readonly place: EncryptionContext
}

/** The sampled fields: collection and field. */
const SAMPLED_FIELDS = [
  { collection: 'users', field: 'atproto.password' },
  { collection: 'holdfast_intents', field: 'password' },
  { collection: 'holdfast_quarantine', field: 'content' },
] as const

/** For every place, one sealed value of each key in use there, from a random sample of its documents. */
export async function sealedSamples(db: Db): Promise<SealedSample[]> {
  const samples = await Promise.all(
    SAMPLED_FIELDS.map(({ collection, field }) =>
      callMongo(collection, 'find', async () => {
        const found = await db
          .collection(collection)
          .aggregate<{ _id: string; person: unknown; sealed: string }>([
            { $sample: { size: SAMPLE } },
            { $match: { [field]: { $type: 'string' } } },
            { $addFields: { parts: { $split: [`$${field}`, '.'] } } },
            {
              $group: {
                _id: { $ifNull: [{ $arrayElemAt: ['$parts', 1] }, ''] },
                person: { $first: '$_id' },
                sealed: { $first: `$${field}` },
              },
            },
          ])
          .toArray()
        return found
          .filter(({ sealed }) => isSealed(sealed))
          .map(({ _id, person, sealed }) => ({
            keyId: _id,
            sealed,
            place: { collection, field, person: String(person) },
          }))
      }),
    ),
  )
  return samples.flat()
}
