import type { Db } from 'mongodb'
import type { UserList } from '../auth0-search.ts'
import { inMongo } from './errors.ts'

const COLLECTION = 'holdfast_cursors'

/** A time of which nobody can say any longer what happened in it: the log of it was gone before it was read. */
export interface LogGap {
  /** ISO 8601. */
  readonly from: string
  readonly to: string
  readonly noticedAt: string
}

interface CursorDocument {
  _id: string
  checkpoint: string | null
  lastEventAt: Date | null
  readAt: Date | null
  caughtUpAt: Date | null
  gap: { from: Date; to: Date; noticedAt: Date } | null
  createdSince: Date | null
  verifiedSince: Date | null
}

/** How far a tenant has been read. */
export interface Cursor {
  /** Auth0's own name for the place in the log; null before the first page. */
  readonly checkpoint: string | null
  /** The date of the newest event read. */
  readonly lastEventAt: Date | null
  readonly readAt: Date | null
  /** When the end of the log was last reached: everything before that has been read. */
  readonly caughtUpAt: Date | null
  readonly gap: LogGap | null
  /** Up to when newly created and lately verified users have been looked for. */
  readonly createdSince: Date | null
  readonly verifiedSince: Date | null
}

export interface LogStep {
  readonly from: string | null
  readonly to: string | null
  readonly lastEventAt: Date | null
  readonly caughtUp: boolean
}

export interface Cursors {
  load(tenant: string): Promise<Cursor>
  /**
   * Moves on from where the reader began. Only who stands there may: a page read a second time, or by two at once,
   * moves nothing, so the cursor never goes back. False when somebody else has moved it.
   */
  advance(tenant: string, step: LogStep): Promise<boolean>
  /** Records what can no longer be read; a gap that is known grows. */
  recordGap(tenant: string, gap: { from: Date; to: Date }): Promise<void>
  /** After an audit has looked at everybody: false when there was none, or one that goes on beyond `upTo`. */
  closeGap(tenant: string, upTo?: Date): Promise<boolean>
  /** Moves the time up to which a list of users has been looked through, unless it was changed since `from` was read. */
  moveList(tenant: string, list: UserList, from: Date | null, to: Date): Promise<boolean>
  /** Has the list of created users looked through again from an earlier time: an import names nobody. */
  lookAgain(tenant: string, from: Date): Promise<void>
}

/** `holdfast_cursors`: one document a tenant, `atproto/<tenant>`. Nothing personal in it. */
export function createCursors(db: Db): Cursors {
  const cursors = db.collection<CursorDocument>(COLLECTION)
  const _id = (tenant: string): string => `atproto/${tenant}`
  const update = (tenant: string, change: object[]) =>
    inMongo(COLLECTION, 'update', () => cursors.updateOne({ _id: _id(tenant) }, change, { upsert: true }))
  /** A first step has no document to compare with: made here, so that two who take it meet in one. */
  const exist = (tenant: string) =>
    update(tenant, [{ $set: { checkpoint: { $ifNull: ['$checkpoint', null] } } }])

  return {
    async load(tenant) {
      const found = await inMongo(COLLECTION, 'find', () => cursors.findOne({ _id: _id(tenant) }))
      const gap = found?.gap ?? null
      return {
        checkpoint: found?.checkpoint ?? null,
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
        createdSince: found?.createdSince ?? null,
        verifiedSince: found?.verifiedSince ?? null,
      }
    },

    async advance(tenant, { from, to, lastEventAt, caughtUp }) {
      if (from === null) await exist(tenant)
      const { matchedCount } = await inMongo(COLLECTION, 'update', () =>
        cursors.updateOne({ _id: _id(tenant), checkpoint: from }, [
          {
            $set: {
              checkpoint: { $literal: to },
              lastEventAt: { $max: ['$lastEventAt', lastEventAt] },
              readAt: '$$NOW',
              ...(caughtUp ? { caughtUpAt: '$$NOW' } : {}),
            },
          },
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
      const { modifiedCount } = await inMongo(COLLECTION, 'update', () =>
        cursors.updateOne({ _id: _id(tenant), ...there }, { $set: { gap: null } }),
      )
      return modifiedCount > 0
    },

    async moveList(tenant, list, from, to) {
      const field = `${list}Since`
      if (from === null) await exist(tenant)
      const { matchedCount } = await inMongo(COLLECTION, 'update', () =>
        cursors.updateOne({ _id: _id(tenant), [field]: from }, { $set: { [field]: to } }),
      )
      return matchedCount > 0
    },

    async lookAgain(tenant, from) {
      await update(tenant, [{ $set: { createdSince: { $min: ['$createdSince', from] } } }])
    },
  }
}

/** The moment up to which all is read, in milliseconds; 0 for a tenant that was never read. */
export function readUntil({ caughtUpAt, lastEventAt }: Cursor): number {
  return Math.max(caughtUpAt?.getTime() ?? 0, lastEventAt?.getTime() ?? 0)
}

/** Seconds since that moment; null for a tenant that was never read. */
export function lagSeconds(cursor: Cursor, now = Date.now()): number | null {
  const until = readUntil(cursor)
  return until === 0 ? null : Math.max(0, Math.round((now - until) / 1_000))
}
