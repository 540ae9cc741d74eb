import { MongoServerError, type ChangeStream, type Db, type ResumeToken } from 'mongodb'
import type { HandleDocument, UserDocument } from './documents.ts'
import { callMongo } from './lib/errors.ts'

const COLLECTION = 'holdfast_resume_tokens'
const TOKEN_ID = '@handles'
/** The longest time that the server waits for a change before it returns none. */
const AWAIT_MS = 1_000
const BATCH = 100
const PAGE = 500

/** Errors for a token whose history is gone, or that does not belong to this collection. */
const LOST = new Set([
  136, // CappedPositionLost
  222, // CloseChangeStream
  260, // InvalidResumeToken
  280, // ChangeStreamFatalError
  286, // ChangeStreamHistoryLost
])
/** A value that no identity can have. */
const LOST_HISTORY = '\0lost'
/** The last change of a stream: the collection was dropped or renamed. */
const ENDS = new Set(['drop', 'rename', 'dropDatabase', 'invalidate'])

interface TokenDocument {
  _id: string
  token: ResumeToken
  at: Date
}

/** A person with an account, and the handles that should agree. */
export interface HandlePair {
  readonly identity: string
  readonly code: string | null
  readonly chosenHandle: string | null
  readonly accountHandle: string | null
}

/** Changes of `@handles` in order, from the position of the last follower. */
export interface HandleChangeStream {
  /** True when earlier changes are unknown: compare everybody, then call `saveResumeToken`. */
  readonly hasNoHistory: boolean
  /**
   * The people whose handles changed, at most a hundred; empty when there was no change for a second. Null: the history
   * is lost, and the caller has to start again.
   */
  next(): Promise<string[] | null>
  /** Records that every change returned so far has been handled. */
  saveResumeToken(): Promise<void>
  close(): Promise<void>
}

export interface HandleChanges {
  follow(): Promise<HandleChangeStream>
  /** Those of the given people who have an account. */
  withAccount(identities: readonly string[]): Promise<string[]>
  /** All people who have an account, in pages in the order of their ids; `after` is the last id of the page before. */
  pairsPage(after: string | null): Promise<HandlePair[]>
}

export function createHandleChanges(db: Db): HandleChanges {
  const handles = db.collection<HandleDocument>('@handles')
  const users = db.collection<UserDocument>('users')
  const tokens = db.collection<TokenDocument>(COLLECTION)

  const forget = (): Promise<unknown> =>
    callMongo(COLLECTION, 'delete', () => tokens.deleteOne({ _id: TOKEN_ID }))

  const follow = async (): Promise<HandleChangeStream> => {
    const kept = await callMongo(COLLECTION, 'find', () => tokens.findOne({ _id: TOKEN_ID }))
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
      hasNoHistory: kept === null,

      async next() {
        if (ended) return null
        const batch = new Set<string>()
        if (waiting !== null) batch.add(waiting)
        waiting = null
        const until = Date.now() + AWAIT_MS // a steady flow of changes must not delay those read already
        while (batch.size < BATCH && !ended && (batch.size === 0 || Date.now() < until)) {
          const identity = await nextOf(stream)
          if (identity === null) break
          if (identity !== LOST_HISTORY) batch.add(identity)
          else ended = true
        }
        if (ended) await forget()
        return ended && batch.size === 0 ? null : [...batch]
      },

      async saveResumeToken() {
        if (ended || waiting !== null) return
        await callMongo(COLLECTION, 'update', () =>
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
      callMongo('users', 'find', () =>
        users
          .find({ _id: { $in: [...identities] }, 'atproto.did': { $type: 'string' } })
          .project<{ _id: string }>({ _id: 1 })
          .map(({ _id }) => _id)
          .toArray(),
      ),

    pairsPage: (after) =>
      callMongo('users', 'aggregate', () =>
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
                accountHandle: { $ifNull: ['$atproto.handle', null] },
                chosenHandle: { $ifNull: [{ $first: '$handles.handle' }, null] },
              },
            },
          ])
          .toArray(),
      ),
  }
}

/** The first query opens the stream: from then on no change is missed, even while people are compared. */
async function opened(stream: ChangeStream<HandleDocument>): Promise<string | null> {
  try {
    return await nextOf(stream)
  } catch (error) {
    await stream.close()
    throw error
  }
}

/** The person whose handle changed next, or `LOST_HISTORY`; null when none changed for a second. */
async function nextOf(stream: ChangeStream<HandleDocument>): Promise<string | null> {
  return callMongo('@handles', 'changeStream', async () => {
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
