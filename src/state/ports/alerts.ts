import type { AlertDelivery, ChannelName } from '../../contracts/alert-channels.ts'
import type { AlertMessage, AlertName, AlertRecord } from '../../contracts/alerts.ts'
import { type AlertSource } from '../../domain/alert-sources.ts'

export type AlertContent = Omit<AlertMessage, 'state'>

/** A channel to which a message goes; `notBefore`: the end of the quiet hours that hold it back, or null. */
export interface Recipient {
  readonly channel: ChannelName
  readonly notBefore: Date | null
}

/** The channels to which a message goes; none where it is only logged. */
export type Routing = (message: Pick<AlertMessage, 'severity'>) => readonly Recipient[]

export interface QueuedAlert {
  /** The same each time it is offered. */
  readonly id: string
  readonly message: AlertMessage
}

/** The channel that takes messages from the queue. */
export interface Taker {
  readonly channel: ChannelName
  /** How many it takes at once. */
  readonly most: number
  /** The time that a process has to send them, in milliseconds; after it another process may try. */
  readonly leaseMs: number
}

export interface AlertStore {
  /**
   * Opens an alert, or records that its cause still exists. Returns the message to send, to one process only: when it
   * opens, when its severity rises, and at an interval. The same write queues the message for the channels of
   * `routing`, so that a process that dies afterwards loses none. An alert that was closed after `lookedAt` stays
   * closed, since another process has checked since. `source` found the cause; a server that knows no people,
   * or no consequences, leaves those that are stored.
   */
  record(
    alert: AlertContent,
    routing: Routing,
    source: AlertSource,
    lookedAt?: Date,
  ): Promise<AlertMessage | null>
  /**
   * Closes the open alerts of these names that are not among `still`, except those whose cause another source found
   * recently; returns messages as `record` does. Of a channel for which the alert's messages are all held back they
   * are dropped: it hears that the alert closed if it has heard of it, and nothing otherwise.
   */
  closeMissing(
    which: { names: readonly AlertName[]; still: readonly string[]; source: AlertSource },
    routing: Routing,
  ): Promise<AlertMessage[]>
  /**
   * Stores an alert that was sent at `sentAt`, while the database was unavailable; the channels of `routing` have not
   * accepted it yet. Of an alert that another process has stored since, the message is queued for those of them for
   * which none is queued since; one that was closed since stays closed.
   */
  storeSent(alert: AlertContent, sentAt: Date, routing: Routing): Promise<void>
  /**
   * Passes the messages that are queued for a channel to `send`, which returns the channel's answer: those with the
   * fewest refusals first, those of one alert in their order, and none that another process is sending or that is held
   * back. It stops at the first refusal, so that an unavailable channel is not tried once for each message. Refused
   * messages stay queued. Returns the number that stays, without those held back.
   */
  deliver(taker: Taker, send: (messages: readonly QueuedAlert[]) => Promise<string>): Promise<number>
  /** Whether an alert of this name is open, on any subject. */
  isOpen(name: AlertName): Promise<boolean>
  /** The earliest start of the causes of open alerts of this name, ISO 8601; null where none is open. */
  openSince(name: AlertName): Promise<string | null>
  /** The starts of the causes, ISO 8601, of those of these alerts that are open, by `dedupKey`. */
  openSinceOf(dedupKeys: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Open alerts first, then those closed recently; newest first. */
  list(): Promise<AlertRecord[]>
  /** Messages to channels, waiting and sent, the newest first; of each alert the newest sent. */
  deliveries(): Promise<AlertDelivery[]>
  /** Queues a message that was sent once more. False where there is no such message. */
  sendAgain(id: string): Promise<boolean>
}
