import type { Delivery } from './logs/delivery.ts'
import { createDelivery } from './logs/delivery.ts'
import type { Faults } from './faults.ts'
import { createFaults } from './faults.ts'
import { createObjectIds } from './ids.ts'
import { openJournal, readJournal } from './journal.ts'
import type { DeliveryOptions } from './logs/stream-queue.ts'
import { defaultDelivery } from './logs/stream-queue.ts'
import type { LogStore } from './logs/store.ts'
import { createLogStore } from './logs/store.ts'
import type { RateLimiter, RateLimits } from './rate-limits.ts'
import { createRateLimiter } from './rate-limits.ts'
import type { Change, Log, LogFields, LogStream, Ticket, User } from './types.ts'
import type { UserStore } from './user-store.ts'
import { createUserStore } from './user-store.ts'

export interface Auth0Options {
  tenant: string
  clientId: string
  clientSecret: string
  /** Default: a free port. */
  port?: number
  /** The NDJSON file that keeps the state across restarts. Absent: the state is in memory. */
  dataFile?: string
  /** The clock of stored data: dates, retention, tickets, list lag. Rate limits and time-outs use the real clock. */
  now?: () => Date
  /** The client's scopes. Default: those that Holdfast needs, and no others. */
  scopes?: readonly string[]
  tokenSeconds?: number
  ticketSeconds?: number
  /** Default: 30 days. */
  retentionMs?: number
  rateLimits?: RateLimits
  delivery?: Partial<DeliveryOptions>
}

/** The state of one Auth0 tenant, and the only functions that change it. */
export interface Tenant {
  readonly options: Auth0Options
  /** The server's address, set once it listens. */
  url: string
  readonly now: () => Date
  readonly users: Pick<UserStore, 'size' | 'get' | 'byEmail' | 'indexed' | 'all'>
  readonly logs: Pick<LogStore, 'get' | 'after' | 'since' | 'all' | 'newest'>
  readonly streams: ReadonlyMap<string, LogStream>
  readonly tickets: ReadonlyMap<string, Ticket>
  readonly faults: Faults
  readonly limits: RateLimiter
  readonly health: Delivery['health']
  /** Returns the id of the next user. */
  readonly nextId: (at: Date) => string
  putUser(user: User): User
  removeUser(id: string): void
  putTicket(ticket: Ticket): void
  putStream(stream: LogStream, backlog?: readonly Log[]): void
  removeStream(id: string): void
  log(fields: LogFields): Log
  stop(): Promise<void>
}

const day = 24 * 3_600_000

export function createTenant(options: Auth0Options): Tenant {
  const now = options.now ?? (() => new Date())
  const faults = createFaults()
  const users = createUserStore({ now, lagMs: () => faults.current().listLagMs ?? 0 })
  const retentionMs = () => faults.current().retentionMs ?? options.retentionMs ?? 30 * day
  const logs = createLogStore({ now, retentionMs })
  const streams = new Map<string, LogStream>()
  const tickets = new Map<string, Ticket>()
  const cursors = new Map<string, string>()

  function replay(change: Change) {
    if (change.kind === 'user') users.put(change.value)
    else if (change.kind === 'user-deleted') users.remove(change.id)
    else if (change.kind === 'log') logs.restore(change.value)
    else if (change.kind === 'ticket') tickets.set(change.value.id, change.value)
    else if (change.kind === 'stream-deleted') streams.delete(change.id)
    else {
      streams.set(change.value.id, change.value)
      cursors.set(change.value.id, change.cursor)
    }
  }

  function* state(): Generator<Change> {
    for (const value of users.all()) yield { kind: 'user', value }
    for (const value of logs.all()) yield { kind: 'log', value }
    for (const value of tickets.values()) yield { kind: 'ticket', value }
    for (const value of streams.values()) yield streamChange(value)
  }

  const streamChange = (value: LogStream): Change => ({
    kind: 'stream',
    value,
    cursor: cursors.get(value.id) ?? '',
  })

  const { dataFile } = options
  if (dataFile !== undefined) readJournal(dataFile).forEach(replay)
  const journal = dataFile === undefined ? undefined : openJournal(dataFile, state())

  function moveCursor(stream: LogStream) {
    if (journal === undefined || !streams.has(stream.id)) return
    cursors.set(stream.id, logs.newest())
    journal.append(streamChange(stream))
  }

  const delivery = createDelivery({
    faults,
    options: { ...defaultDelivery, ...options.delivery },
    now,
    onDrained: moveCursor,
    onUnreachable: (stream) => putStream({ ...stream, status: 'paused' }),
  })

  function putStream(stream: LogStream, backlog: readonly Log[] = []) {
    const resumed = streams.get(stream.id)?.status !== 'active' && stream.status === 'active'
    if (resumed) cursors.set(stream.id, backlog[0]?.log_id.slice(0, -1) ?? logs.newest())
    streams.set(stream.id, stream)
    journal?.append(streamChange(stream))
    delivery.follow(stream, backlog)
  }

  for (const stream of streams.values()) {
    delivery.follow(stream, logs.after(cursors.get(stream.id) ?? '', Number.POSITIVE_INFINITY))
  }
  faults.onChange(() => {
    if ((faults.current().listLagMs ?? 0) === 0) users.refreshIndex()
  })

  return {
    options,
    url: '',
    nextId: createObjectIds(),
    now,
    users,
    logs,
    streams,
    tickets,
    faults,
    limits: createRateLimiter(options.rateLimits ?? {}),
    health: (id) => delivery.health(id),
    putUser(user) {
      users.put(user)
      journal?.append({ kind: 'user', value: user })
      return user
    },
    removeUser(id) {
      users.remove(id)
      journal?.append({ kind: 'user-deleted', id })
    },
    putTicket(ticket) {
      tickets.set(ticket.id, ticket)
      journal?.append({ kind: 'ticket', value: ticket })
    },
    putStream,
    removeStream(id) {
      streams.delete(id)
      journal?.append({ kind: 'stream-deleted', id })
      delivery.forget(id)
    },
    log(fields) {
      const log = logs.append(fields)
      journal?.append({ kind: 'log', value: log })
      delivery.offer(log)
      return log
    },
    async stop() {
      await delivery.stop()
      journal?.close()
    },
  }
}
