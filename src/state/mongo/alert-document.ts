import type { ChannelName } from '../../contracts/alert-channels.ts'
import type { AlertMessage, AlertName } from '../../contracts/alerts.ts'
import type { Severity } from '../../contracts/severity.ts'
import type { LastSeenBySource } from '../../domain/alert-sources.ts'

/** A message that waits for its channel. */
export interface QueuedMessage {
  id: string
  channel: ChannelName
  message: AlertMessage
  at: Date
  notBefore: Date | null
  tries: number
  because: string | null
}

export interface SentMessage extends QueuedMessage {
  sentAt: Date
  response: string
}

/** One alert in `holdfast_alerts`. */
export interface AlertDocument {
  /** The alert's `dedupKey`. */
  _id: string
  system: string
  name: AlertName
  severity: Severity
  title: string
  sentence: string
  fix: string
  count: number
  consequences: readonly string[]
  people: readonly string[]
  open: boolean
  /** The first failure. */
  since: Date
  openedAt: Date
  lastSeen: Date
  /** When each source last found the cause: an alert closes once no source finds it. */
  seenBy?: LastSeenBySource
  repeatAt: Date
  closedAt: Date | null
  expiresAt: Date | null
  /** Messages that their channels have not accepted yet, oldest first. */
  outbox: QueuedMessage[]
  /** Those that were accepted. */
  sent?: SentMessage[]
  /** Until when one process has the right to send the alert's messages to a channel. */
  leases?: Readonly<Record<string, Date | null>>
}
