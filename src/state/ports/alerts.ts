import type { AlertMessage, AlertName, AlertRecord } from '../../contracts/alerts.ts'
import { type AlertSource } from '../../domain/alert-sources.ts'

export type AlertContent = Omit<AlertMessage, 'state'>

export interface AlertStore {
  /**
   * Opens an alert, or records that its cause still exists. Returns the message to send, to one process only. With
   * `queue` the same write queues the message for its channel, so that a process that dies afterwards loses none. An
   * alert that was closed after `lookedAt` stays closed, since another process has checked since. `source` found the
   * cause.
   */
  record(
    alert: AlertContent,
    queue: boolean,
    source: AlertSource,
    lookedAt?: Date,
  ): Promise<AlertMessage | null>
  /**
   * Closes the open alerts of these names that are not among `still`, except those whose cause another source found
   * recently; returns messages as `record` does.
   */
  closeMissing(
    which: { names: readonly AlertName[]; still: readonly string[]; source: AlertSource },
    queue: boolean,
  ): Promise<AlertMessage[]>
  /**
   * Stores an alert that was sent at `sentAt`, while the database was unavailable; with `queue` its channel has not
   * accepted it yet. An alert that another process has stored and closed since stays closed.
   */
  storeSent(alert: AlertContent, sentAt: Date, queue: boolean): Promise<void>
  /**
   * Passes queued messages to `send`, those with the fewest refusals first, and stops at the first refusal, so that an
   * unavailable channel is not tried once for each message. Refused messages stay queued. Returns the number that
   * stays.
   */
  deliver(send: (message: AlertMessage) => Promise<void>): Promise<number>
  /** Whether an alert of this name is open, on any subject. */
  isOpen(name: AlertName): Promise<boolean>
  /** The earliest start of the causes of open alerts of this name, ISO 8601; null where none is open. */
  openSince(name: AlertName): Promise<string | null>
  /** Open alerts first, then those closed recently; newest first. */
  list(): Promise<AlertRecord[]>
}
