import { MongoServerError, type Db } from 'mongodb'
import type { AlertMessage, AlertName, AlertRecord, AlertState } from '../../contracts/alerts.ts'
import { duplicateKey, inMongo } from './errors.ts'

const COLLECTION = 'holdfast_alerts'
const HOUR_MS = 3_600_000
/** An alert that stays open is said again this often. */
const REPEAT_MS = 6 * HOUR_MS
/** How long a closed one can still be seen. */
const KEEP_MS = 30 * 24 * HOUR_MS
/** Whoever delivers a message has it for so long; then another process may try. */
const LEASE_MS = 30_000

interface Waiting {
  message: AlertMessage
  tries: number
  because: string | null
}

interface AlertDocument {
  /** The alert's `dedupKey`. */
  _id: string
  system: string
  name: AlertName
  sentence: string
  fix: string
  count: number
  open: boolean
  /** The first failure. */
  since: Date
  openedAt: Date
  lastSeen: Date
  repeatAt: Date
  closedAt: Date | null
  expiresAt: Date | null
  /** Messages that no channel has taken yet, oldest first. */
  outbox: Waiting[]
  leaseUntil: Date | null
}

type Told = Omit<AlertMessage, 'state'>

export interface AlertStore {
  /**
   * Opens an alert, or notes that its cause is still there. Returns what is to be said of it, by one process alone. With
   * `queue` the message waits for its channel from the same write on: whoever dies after it loses none.
   */
  see(alert: Told, queue: boolean): Promise<AlertMessage | null>
  /** Closes the open ones of these names that are not among `still`; messages as with `see`. */
  closeOthers(
    which: { system: string; names: readonly AlertName[]; still: readonly string[] },
    queue: boolean,
  ): Promise<AlertMessage[]>
  /** Takes an alert in that was said while the database was away; with `queue` its channel has not taken it yet. */
  adopt(alert: Told, queue: boolean): Promise<void>
  /** Hands each waiting message to `send`; what is refused stays. Returns how many stay. */
  deliver(send: (message: AlertMessage) => Promise<void>): Promise<number>
  /** Open ones first, then those closed lately; newest first. */
  list(system: string): Promise<AlertRecord[]>
}

/** One more message that waits for its channel. */
const waiting = (message: AlertMessage) => ({
  $push: { outbox: { message, tries: 0, because: null } satisfies Waiting },
})

/** `holdfast_alerts`: one document an alert, changed by conditional writes, so that any number of processes may look. */
export function createAlertStore(db: Db, now: () => Date = () => new Date()): AlertStore {
  const alerts = db.collection<AlertDocument>(COLLECTION)
  const later = (ms: number): Date => new Date(now().getTime() + ms)

  const open = (alert: Told, queue: boolean) =>
    inMongo(COLLECTION, 'update', async () => {
      const { dedupKey, system, name, sentence, fix, count, since } = alert
      const at = now()
      const fresh = { system, name, sentence, fix, count, since: new Date(since), open: true, openedAt: at }
      try {
        const { upsertedCount, modifiedCount } = await alerts.updateOne(
          { _id: dedupKey, open: { $ne: true } },
          {
            $set: { ...fresh, lastSeen: at, repeatAt: later(REPEAT_MS), closedAt: null, expiresAt: null },
            $setOnInsert: { leaseUntil: null, ...(queue ? {} : { outbox: [] }) },
            ...(queue ? waiting({ ...alert, state: 'opened' }) : {}),
          },
          { upsert: true },
        )
        return upsertedCount + modifiedCount > 0
      } catch (error) {
        if (duplicateKey(error) === null) throw error // it is open: somebody else was first
        return false
      }
    })

  return {
    async see(alert, queue) {
      const { dedupKey, sentence, fix, count } = alert
      if (await open(alert, queue)) return { ...alert, state: 'opened' }
      return inMongo(COLLECTION, 'update', async () => {
        const at = now()
        const found = await alerts.findOneAndUpdate(
          { _id: dedupKey, open: true },
          { $set: { sentence, fix, count, lastSeen: at } },
        )
        if (found === null || found.repeatAt > at) return null
        const message: AlertMessage = { ...alert, since: found.since.toISOString(), state: 'repeated' }
        const { modifiedCount } = await alerts.updateOne(
          { _id: dedupKey, open: true, repeatAt: found.repeatAt },
          { $set: { repeatAt: later(REPEAT_MS) }, ...(queue ? waiting(message) : {}) },
        )
        return modifiedCount === 0 ? null : message
      })
    },

    closeOthers: ({ system, names, still }, queue) =>
      inMongo(COLLECTION, 'update', async () => {
        const closed: AlertMessage[] = []
        const filter = { system, open: true, name: { $in: [...names] }, _id: { $nin: [...still] } }
        for (const found of await alerts.find(filter).toArray()) {
          const message = messageOf(found, 'closed')
          const { modifiedCount } = await alerts.updateOne(
            { _id: found._id, open: true, openedAt: found.openedAt },
            {
              $set: { open: false, closedAt: now(), expiresAt: later(KEEP_MS) },
              ...(queue ? waiting(message) : {}),
            },
          )
          if (modifiedCount > 0) closed.push(message)
        }
        if (closed.length > 0) await expire()
        return closed
      }),

    adopt: async (alert, queue) => void (await open(alert, queue)),

    async deliver(send) {
      let stays = 0
      const withMessages = await inMongo(COLLECTION, 'find', () =>
        alerts.find({ 'outbox.0': { $exists: true } }, { projection: { _id: 1 } }).toArray(),
      )
      for (const { _id } of withMessages) stays += await deliverAll(_id, send)
      return stays
    },

    list: (system) =>
      inMongo(COLLECTION, 'find', async () => {
        const found = await alerts.find({ system }).sort({ open: -1, openedAt: -1 }).limit(200).toArray()
        return found.map(recordOf)
      }),
  }

  /** The messages of one alert in their order. Returns how many stay. */
  async function deliverAll(id: string, send: (message: AlertMessage) => Promise<void>): Promise<number> {
    for (;;) {
      const taken = await inMongo(COLLECTION, 'update', () =>
        alerts.findOneAndUpdate(
          { _id: id, 'outbox.0': { $exists: true }, leaseUntil: { $not: { $gt: now() } } },
          { $set: { leaseUntil: later(LEASE_MS) } },
        ),
      )
      const [next] = taken?.outbox ?? []
      if (taken === null || next === undefined) return 0 // nothing waits, or somebody else has it in hand
      try {
        await send(next.message)
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error)
        await inMongo(COLLECTION, 'update', () =>
          alerts.updateOne(
            { _id: id },
            { $set: { 'outbox.0.because': because, leaseUntil: null }, $inc: { 'outbox.0.tries': 1 } },
          ),
        )
        return taken.outbox.length
      }
      await inMongo(COLLECTION, 'update', () =>
        alerts.updateOne({ _id: id }, { $pop: { outbox: -1 }, $set: { leaseUntil: null } }),
      )
    }
  }

  /** Expiry is the server's work; where the role may not create the index, it is ours. */
  async function expire(): Promise<void> {
    try {
      await alerts.createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0 })
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error
      await alerts.deleteMany({ expiresAt: { $lt: now() } })
    }
  }
}

function messageOf(found: AlertDocument, state: AlertState): AlertMessage {
  const { _id, name, system, sentence, fix, since, count } = found
  return { name, system, state, sentence, fix, since: since.toISOString(), count, dedupKey: _id }
}

function recordOf(found: AlertDocument): AlertRecord {
  const { state: _state, ...told } = messageOf(found, 'opened')
  return {
    ...told,
    open: found.open,
    openedAt: found.openedAt.toISOString(),
    lastSeen: found.lastSeen.toISOString(),
    closedAt: found.closedAt?.toISOString() ?? null,
    undelivered: found.outbox.length,
    undeliveredBecause: found.outbox[0]?.because ?? null,
  }
}
