import type { Db } from 'mongodb'
import type { UserList } from '../../adapters/auth0/search.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'

const COLLECTION = 'holdfast_cursors'

/** A period whose log was deleted before it was read, so that its events are unknown. */
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
  /** Missing in documents from before this field was stored. */
  begunAt?: Date
}

/** The position up to which a tenant has been read. */
export interface Cursor {
  /** Auth0's own name for the position in the log; null before the first page. */
  readonly checkpoint: string | null
  /** The date of the newest event read. */
  readonly lastEventAt: Date | null
  readonly readAt: Date | null
  /** The time at which the end of the log was last reached: everything before that has been read. */
  readonly caughtUpAt: Date | null
  readonly gap: LogGap | null
  /** The times up to which newly created and recently verified users have been scanned. */
  readonly createdSince: Date | null
  readonly verifiedSince: Date | null
}

export interface LogAdvance {
  readonly from: string | null
  readonly to: string | null
  readonly lastEventAt: Date | null
  readonly caughtUp: boolean
}

export interface Cursors {
  /**
   * The time since which Holdfast serves the tenant: that of the first call for it, by any process. Events in the
   * provider's log from before that time are older than this installation.
   */
  servedSince(tenant: string): Promise<Date>
  load(tenant: string): Promise<Cursor>
  /**
   * Advances from the position where the reader began, and only from there: a page read a second time, or by two
   * readers in parallel, changes nothing, so the cursor never goes back. False when another reader has moved it.
   */
  advance(tenant: string, step: LogAdvance): Promise<boolean>
  /** Records a period that can no longer be read; a known gap is extended. */
  recordGap(tenant: string, gap: { from: Date; to: Date }): Promise<void>
  /** Called after an audit of everybody: false when there was no gap, or one that extends beyond `upTo`. */
  closeGap(tenant: string, upTo?: Date): Promise<boolean>
  /** Advances the time up to which a list of users has been scanned, unless it was changed since `from` was read. */
  advanceList(tenant: string, list: UserList, from: Date | null, to: Date): Promise<boolean>
  /** Makes the next catch-up scan the list of created users from an earlier time, since an import names no user. */
  rescanUsersFrom(tenant: string, from: Date): Promise<void>
}

/** `holdfast_cursors`: one document per tenant, `atproto/<tenant>`. It contains no personal data. */
export function createCursors(db: Db): Cursors {
  const cursors = db.collection<CursorDocument>(COLLECTION)
  const _id = (tenant: string): string => `atproto/${tenant}`
  const update = (tenant: string, change: object[]) =>
    callMongo(COLLECTION, 'update', () => cursors.updateOne({ _id: _id(tenant) }, change, { upsert: true }))
  /**
   * The first step has no document to compare with: it is created here, so that two parallel first steps use the same
   * one.
   */
  const exist = (tenant: string) =>
    update(tenant, [{ $set: { checkpoint: { $ifNull: ['$checkpoint', null] } } }])

  const served = new Map<string, Date>()

  return {
    async servedSince(tenant) {
      const known = served.get(tenant)
      if (known !== undefined) return known
      // For a tenant that was read before this field was stored, the whole log counts as being of this installation.
      const first = { $cond: [{ $gt: ['$checkpoint', null] }, new Date(0), '$$NOW'] }
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
      const found = await callMongo(COLLECTION, 'find', () => cursors.findOne({ _id: _id(tenant) }))
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
      const { matchedCount } = await callMongo(COLLECTION, 'update', () =>
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
      const { modifiedCount } = await callMongo(COLLECTION, 'update', () =>
        cursors.updateOne({ _id: _id(tenant), ...there }, { $set: { gap: null } }),
      )
      return modifiedCount > 0
    },

    async advanceList(tenant, list, from, to) {
      const field = `${list}Since`
      if (from === null) await exist(tenant)
      const { matchedCount } = await callMongo(COLLECTION, 'update', () =>
        cursors.updateOne({ _id: _id(tenant), [field]: from }, { $set: { [field]: to } }),
      )
      return matchedCount > 0
    },

    async rescanUsersFrom(tenant, from) {
      await update(tenant, [{ $set: { createdSince: { $min: ['$createdSince', from] } } }])
    },
  }
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
