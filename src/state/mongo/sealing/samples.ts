import type { Db } from 'mongodb'
import { isSealed } from '../../../crypto/keyring.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import type { EncryptedField, SealedSample } from '../../ports/sealed-values.ts'

/** The sample size per place: large enough to contain every key in use, and quick to read. */
const SAMPLE = 1_000

/** For every sampled place, one sealed value of each key in use there, from a random sample of its documents. */
export async function sealedSamples(db: Db, fields: readonly EncryptedField[]): Promise<SealedSample[]> {
  const sampled = fields.filter(({ isSampled }) => isSampled === true)
  const samples = await Promise.all(
    sampled.map(({ collection, path, context }) =>
      callMongo(collection, 'find', async () => {
        const found = await db
          .collection(collection)
          .aggregate<{ _id: string; person: unknown; sealed: string }>([
            { $sample: { size: SAMPLE } },
            { $project: { value: `$${path}` } },
            { $unwind: '$value' }, // a list has several, any other value is one
            { $match: { value: { $type: 'string' } } },
            {
              $group: {
                _id: { $ifNull: [{ $arrayElemAt: [{ $split: ['$value', '.'] }, 1] }, ''] },
                person: { $first: '$_id' },
                sealed: { $first: '$value' },
              },
            },
          ])
          .toArray()
        return found
          .filter(({ sealed }) => isSealed(sealed))
          .map(({ _id, person, sealed }) => ({
            keyId: _id,
            sealed,
            place: { ...context, person: String(person) },
          }))
      }),
    ),
  )
  return samples.flat()
}
