import type { Db } from 'mongodb'
import { isSealed, type SealPlace } from '../../crypto/keyring.ts'
import { inMongo } from './errors.ts'

/** Documents looked at in each place: enough to meet every key in use, and soon read. */
const SAMPLE = 1_000

export interface SealedSample {
  readonly keyId: string
  readonly sealed: string
  readonly place: SealPlace
}

/** Where sealed values stand: collection and field. */
const PLACES = [
  { collection: 'users', field: 'atproto.password' },
  { collection: 'holdfast_intents', field: 'password' },
  { collection: 'holdfast_quarantine', field: 'content' },
] as const

/** For every place one sealed value of each key that wrote there, from a random sample of its documents. */
export async function sealedSamples(db: Db): Promise<SealedSample[]> {
  const samples = await Promise.all(
    PLACES.map(({ collection, field }) =>
      inMongo(collection, 'find', async () => {
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
