import { MongoServerError, type ChangeStream, type Db, type ResumeToken } from 'mongodb'
import type { HandleDocument, UserDocument } from './documents.ts'
import { inMongo } from './errors.ts'

const COLLECTION = 'holdfast_resume_tokens'
const TOKEN_ID = '@handles'
/** How long the server waits for a change before it says that there is none. */
const AWAIT_MS = 1_000
const BATCH = 100
const PAGE = 500

/** The history a token points at is gone, or it is none of this collection's (any longer). */
const LOST = new Set([
  136, // CappedPositionLost
  222, // CloseChangeStream
  260, // InvalidResumeToken
  280, // ChangeStreamFatalError
  286, // ChangeStreamHistoryLost
])
/** No identity is spelled so. */
const LOST_HISTORY = '\0lost'
/** After these nothing more is to come: the collection has gone, or is another one. */
const ENDS = new Set(['drop', 'rename', 'dropDatabase', 'invalidate'])

interface TokenDocument {
  _id: string
  token: ResumeToken
  at: Date
}

/** A person with an account, and the handles that ought to agree. */
export interface HandlePair {
  readonly identity: string
  readonly code: string | null
  readonly chosen: string | null
  readonly current: string | null
}

/** Changes of `@handles` in order, from where the last follower stopped. */
export interface FollowedChanges {
  /** True when nothing is known of what happened before: compare everything, then `keep`. */
  readonly fromScratch: boolean
  /** Whose handles changed, at most a hundred; empty when nothing did for a second. Null: history is lost, follow anew. */
  next(): Promise<string[] | null>
  /** Notes that everything handed out so far is dealt with. */
  keep(): Promise<void>
  close(): Promise<void>
}

export interface HandleChanges {
  follow(): Promise<FollowedChanges>
  /** Those of the given people who have an account. */
  withAccount(identities: readonly string[]): Promise<string[]>
  /** Everybody who has an account, in pages in the order of their ids; `after` is the last of the page before. */
  pairs(after: string | null): Promise<HandlePair[]>
}

export function createHandleChanges(db: Db): HandleChanges {
  const handles = db.collection<HandleDocument>('@handles')
  const users = db.collection<UserDocument>('users')
  const tokens = db.collection<TokenDocument>(COLLECTION)

  const forget = (): Promise<unknown> =>
    inMongo(COLLECTION, 'delete', () => tokens.deleteOne({ _id: TOKEN_ID }))

  const follow = async (): Promise<FollowedChanges> => {
    const kept = await inMongo(COLLECTION, 'find', () => tokens.findOne({ _id: TOKEN_ID }))
    const stream = handles.watch([], {
      maxAwaitTimeMS: AWAIT_MS,
      ...(kept === null ? {} : { startAfter: kept.token }),
    })
    const first = await opened(stream)
    if (first === LOST_HISTORY) {
      await stream.close()
      await forget()
      return follow()
    }
    let waiting: string | null = first
    let ended = false
    return {
      fromScratch: kept === null,

      async next() {
        if (ended) return null
        const batch = new Set<string>()
        if (waiting !== null) batch.add(waiting)
        waiting = null
        const until = Date.now() + AWAIT_MS // a steady trickle must not hold back what has come
        while (batch.size < BATCH && !ended && (batch.size === 0 || Date.now() < until)) {
          const identity = await nextOf(stream)
          if (identity === null) break
          if (identity !== LOST_HISTORY) batch.add(identity)
          else ended = true
        }
        if (ended) await forget()
        return ended && batch.size === 0 ? null : [...batch]
      },

      async keep() {
        if (ended || waiting !== null) return
        await inMongo(COLLECTION, 'update', () =>
          tokens.updateOne(
            { _id: TOKEN_ID },
            { $set: { token: stream.resumeToken, at: new Date() } },
            { upsert: true },
          ),
        )
      },

      close: () => stream.close(),
    }
  }

  return {
    follow,

    withAccount: (identities) =>
      inMongo('users', 'find', () =>
        users
          .find({ _id: { $in: [...identities] }, 'atproto.did': { $type: 'string' } })
          .project<{ _id: string }>({ _id: 1 })
          .map(({ _id }) => _id)
          .toArray(),
      ),

    pairs: (after) =>
      inMongo('users', 'aggregate', () =>
        users
          .aggregate<HandlePair>([
            {
              $match: {
                'atproto.did': { $type: 'string' },
                ...(after === null ? {} : { _id: { $gt: after } }),
              },
            },
            { $sort: { _id: 1 } },
            { $limit: PAGE },
            { $lookup: { from: '@handles', localField: '_id', foreignField: '_id', as: 'handles' } },
            {
              $project: {
                _id: 0,
                identity: '$_id',
                code: { $ifNull: ['$code', null] },
                current: { $ifNull: ['$atproto.handle', null] },
                chosen: { $ifNull: [{ $first: '$handles.handle' }, null] },
              },
            },
          ])
          .toArray(),
      ),
  }
}

/** The stream stands once it has been asked: from then on no change is missed, whatever is compared meanwhile. */
async function opened(stream: ChangeStream<HandleDocument>): Promise<string | null> {
  try {
    return await nextOf(stream)
  } catch (error) {
    await stream.close()
    throw error
  }
}

/** Whose handle changed next, or `LOST_HISTORY`; null when nobody's did for a second. */
async function nextOf(stream: ChangeStream<HandleDocument>): Promise<string | null> {
  return inMongo('@handles', 'changeStream', async () => {
    try {
      const change = await stream.tryNext()
      if (change === null) return null
      if (ENDS.has(change.operationType)) return LOST_HISTORY
      return 'documentKey' in change ? change.documentKey._id : null
    } catch (error) {
      if (error instanceof MongoServerError && LOST.has(Number(error.code))) return LOST_HISTORY
      throw error
    }
  })
}
