import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { wasServedAlone } from '../../contracts/vocabulary.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import type { Cursor, Cursors } from '../ports/cursors.ts'

const COLLECTION = 'holdfast_cursors'

interface CursorDocument {
  _id: string
  /** By source. */
  places?: Record<string, string>
  lastEventAt: Date | null
  readAt: Date | null
  caughtUpAt: Date | null
  gap: { from: Date; to: Date; noticedAt: Date } | null
  /** Missing in documents from before this field was stored. */
  begunAt?: Date
  /** The places of earlier versions, which had a field for each source. */
  checkpoint?: string | null
  createdSince?: Date | null
  verifiedSince?: Date | null
}

type EarlierField = 'checkpoint' | 'createdSince' | 'verifiedSince'

const EARLIER_FIELDS: Readonly<Record<string, EarlierField>> = {
  log: 'checkpoint',
  created: 'createdSince',
  verified: 'verifiedSince',
}

/** `holdfast_cursors`: one document per tenant, `<system>/<tenant>`. It contains no personal data. */
export function createCursors(db: Db, system: System): Cursors {
  const cursors = db.collection<CursorDocument>(COLLECTION)
  const _id = (tenant: string): string => `${system}/${tenant}`
  const earlierFields = wasServedAlone(system) ? EARLIER_FIELDS : {}
  const find = (tenant: string) => callMongo(COLLECTION, 'find', () => cursors.findOne({ _id: _id(tenant) }))
  const update = (tenant: string, change: object[]) =>
    callMongo(COLLECTION, 'update', () => cursors.updateOne({ _id: _id(tenant) }, change, { upsert: true }))
  /**
   * The first step has no document to compare with: it is created here, so that two parallel first steps use the same
   * one.
   */
  const exist = (tenant: string) =>
    update(tenant, [{ $set: { lastEventAt: { $ifNull: ['$lastEventAt', null] } } }])

  const served = new Map<string, Date>()

  return {
    async servedSince(tenant) {
      const known = served.get(tenant)
      if (known !== undefined) return known
      // For a tenant that was read before this field was stored, the whole log counts as being of this installation.
      const read = { $or: [{ $gt: ['$checkpoint', null] }, { $gt: ['$readAt', null] }] }
      const first = { $cond: [read, new Date(0), '$$NOW'] }
      const found = await callMongo(COLLECTION, 'update', () =>
        cursors.findOneAndUpdate(
          { _id: _id(tenant) },
          [{ $set: { begunAt: { $ifNull: ['$begunAt', first] } } }],
          { upsert: true, returnDocument: 'after' },
        ),
      )
      const at = found?.begunAt ?? new Date()
      served.set(tenant, at)
      return at
    },

    async load(tenant) {
      const found = await find(tenant)
      const gap = found?.gap ?? null
      return {
        lastEventAt: found?.lastEventAt ?? null,
        readAt: found?.readAt ?? null,
        caughtUpAt: found?.caughtUpAt ?? null,
        gap:
          gap === null
            ? null
            : {
                from: gap.from.toISOString(),
                to: gap.to.toISOString(),
                noticedAt: gap.noticedAt.toISOString(),
              },
      }
    },

    async place(tenant, source) {
      const found = await find(tenant)
      if (found === null) return null
      const earlier = earlierFields[source]
      const place = found.places?.[source] ?? (earlier === undefined ? null : found[earlier]) ?? null
      return place instanceof Date ? place.toISOString() : place
    },

    async advance(tenant, source, { from, to, lastEventAt, caughtUp = false }) {
      if (from === null) await exist(tenant)
      const field = `places.${source}`
      const earlier = earlierFields[source]
      const { matchedCount } = await callMongo(COLLECTION, 'update', () =>
        cursors.updateOne({ _id: _id(tenant), ...isAt(source, from, earlier) }, [
          {
            $set: {
              [field]: { $literal: to },
              ...(lastEventAt === undefined
                ? {}
                : { lastEventAt: { $max: ['$lastEventAt', lastEventAt] }, readAt: '$$NOW' }),
              ...(caughtUp ? { caughtUpAt: '$$NOW' } : {}),
            },
          },
          ...(earlier === undefined ? [] : [{ $unset: earlier }]),
        ]),
      )
      return matchedCount > 0
    },

    async recordGap(tenant, { from, to }) {
      await update(tenant, [
        {
          $set: {
            gap: {
              from: { $min: ['$gap.from', from] },
              to: { $max: ['$gap.to', to] },
              noticedAt: { $ifNull: ['$gap.noticedAt', '$$NOW'] },
            },
          },
        },
      ])
    },

    async closeGap(tenant, upTo) {
      const there = upTo === undefined ? { gap: { $ne: null } } : { 'gap.to': { $lte: upTo } }
      const { modifiedCount } = await callMongo(COLLECTION, 'update', () =>
        cursors.updateOne({ _id: _id(tenant), ...there }, { $set: { gap: null } }),
      )
      return modifiedCount > 0
    },
  }
}

/** The condition that a source is still at that place, in the field of this version or of an earlier one. */
function isAt(source: string, place: string | null, earlier: EarlierField | undefined): object {
  const here = { [`places.${source}`]: place }
  if (earlier === undefined) return here
  const before = place === null || earlier === 'checkpoint' ? place : new Date(place)
  const there = { [`places.${source}`]: null, [earlier]: before }
  return place === null ? there : { $or: [here, there] }
}

/** The time up to which all events have been read, in milliseconds; 0 for a tenant that was never read. */
export function readUpToMs({ caughtUpAt, lastEventAt }: Cursor): number {
  return Math.max(caughtUpAt?.getTime() ?? 0, lastEventAt?.getTime() ?? 0)
}

/** Seconds since that time; null for a tenant that was never read. */
export function lagSeconds(cursor: Cursor, now = Date.now()): number | null {
  const until = readUpToMs(cursor)
  return until === 0 ? null : Math.max(0, Math.round((now - until) / 1_000))
}
