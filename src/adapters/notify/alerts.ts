import type { AlertFinding, AlertMessage, AlertName } from '../../contracts/alerts.ts'
import { alertMessage, dedupKey, mergeConsequences } from '../../domain/alerts.ts'
import type { AlertSource } from '../../domain/alert-sources.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { ChannelName } from '../../contracts/alert-channels.ts'
import type { AlertStore, Recipient, Routing } from '../../state/ports/alerts.ts'
import type { AlertChannel } from './channel.ts'

/** The findings of one check of everything in `scope`, and of nothing else. */
export interface AlertReport {
  readonly system: string
  readonly scope: readonly AlertName[]
  readonly findings: readonly AlertFinding[]
  /** Causes that are present but not yet worth an alert: they open no alert and keep open ones open. */
  readonly pending?: readonly Pick<AlertFinding, 'name' | 'about'>[]
  /** The start of the check: an alert that another process has closed since is not opened by it. */
  readonly lookedAt?: Date
  /** The check itself found that the database does not answer, so nothing is stored. */
  readonly databaseUnavailable?: boolean
}

export interface Alerts {
  /**
   * Opens an alert for each finding that is no consequence of another one, repeats a lasting one, raises the severity of
   * a problem that lasts, and closes those of the scope whose cause is gone, once no other source finds it either. Each
   * message is logged and sent to the channels of its severity, once, however many processes report it. Without the database `UnstoredAlerts` decides which process sends it; where Temporal does not answer either,
   * each process sends its own message, all with the same `dedupKey`.
   */
  reconcile(report: AlertReport): Promise<readonly AlertMessage[]>
  /**
   * Sends the messages that the channels have not accepted yet. The channels do not wait for each other; a delivery that
   * is still running is waited for. Returns how many messages are still not accepted, without those held back.
   */
  deliver(): Promise<number>
  /** Since when the cause of an open alert of this name exists, ISO 8601; null where none is open. */
  openSince(name: AlertName): Promise<string | null>
}

export interface UnstoredAlert {
  readonly alert: Omit<AlertMessage, 'state'>
  readonly sentAt: Date
}

/**
 * The alerts sent while the database was unavailable, shared by all processes. Calls reject when Temporal is
 * unavailable too.
 */
export interface UnstoredAlerts {
  /** True for the one process that has to send this alert. */
  claim(alert: Omit<AlertMessage, 'state'>): Promise<boolean>
  /** Those that no process has released yet. */
  list(): Promise<readonly UnstoredAlert[]>
  /** Called when the alert is stored. Safe to repeat. */
  release(dedupKey: string): Promise<void>
}

export interface AlertsDeps {
  readonly source: AlertSource
  readonly store: AlertStore
  readonly unstored: UnstoredAlerts
  readonly channels: readonly AlertChannel[]
  /** The channels to which a message goes now. */
  readonly routing: Routing
  /** A problem that lasts longer is one severity higher. */
  readonly raiseAfterMs: number
  readonly log: (message: AlertMessage) => void
  /** Logs a failure that changes nothing for this report. */
  readonly warn: (error: unknown, what: string) => void
}

interface Sent {
  readonly alert: Omit<AlertMessage, 'state'>
  readonly sentAt: Date
  /** The channels that have not accepted it. */
  readonly left: readonly Recipient[]
}

/** As long as the run that represents it in Temporal: after that it may be sent again. */
const SENT_FOR_MS = 6 * 3_600_000
/** Temporal's list lags: an alert that another process sent a moment ago may not be on it yet. */
const LISTED_WITHIN_MS = 60_000

export function createAlerts({
  source,
  store,
  unstored,
  channels,
  routing,
  raiseAfterMs,
  log,
  warn,
}: AlertsDeps): Alerts {
  /** Alerts that this process sent, or left to another one, while the database was unavailable. */
  const sent = new Map<string, Sent>()
  /** Whether alerts of other processes may be unstored: at the start, and after an outage. */
  let leftover = true
  /** When all that was listed was stored, after the start or an outage; null before. */
  let storedAt: number | null = null

  /** Stores the alerts sent during an outage by this process, or by one that has exited since. */
  const storeSentAlerts = async (): Promise<void> => {
    if (!leftover) return
    let complete = true
    const onFailure = (what: string) => (error: unknown) => {
      complete = false
      warn(error, what)
    }
    const listed = await unstored
      .list()
      .catch(onFailure('alerts sent during the outage could not be listed: retrying at the next inspection'))
    for (const { alert, sentAt } of listed ?? [])
      if (!sent.has(alert.dedupKey)) sent.set(alert.dedupKey, { alert, sentAt, left: [] })
    for (const [key, { alert, sentAt, left }] of sent) {
      await store.storeSent(alert, sentAt, () => left)
      await unstored
        .release(key)
        .catch(
          onFailure(
            `the workflow that represents ${key} could not be ended: retrying at the next inspection`,
          ),
        )
      sent.delete(key)
    }
    if (complete) storedAt ??= Date.now()
    leftover = storedAt === null || Date.now() - storedAt < LISTED_WITHIN_MS
  }

  const reconcileStored = async ({
    system,
    scope,
    findings,
    pending = [],
    lookedAt,
  }: AlertReport): Promise<AlertMessage[]> => {
    await storeSentAlerts()
    const causes = mergeConsequences(findings, system)
    const since = await startsOf(system, causes)
    const seen = []
    for (const cause of causes) {
      const age = { ...since(cause), raiseAfterMs, now: new Date() }
      seen.push(await store.record(alertMessage(cause, system, age), routing, source, lookedAt))
    }
    const still = [...causes, ...pending].map((finding) => dedupKey(system, finding))
    const said = [
      ...seen.filter((message) => message !== null),
      ...(await store.closeMissing({ names: scope, still, source }, routing)),
    ]
    for (const message of said) log(message)
    return said
  }

  /** Since when the causes of open alerts exist: an alert keeps its first start, by which its severity rises. */
  const startsOf = async (system: string, causes: readonly AlertFinding[]) => {
    const open =
      causes.length === 0
        ? new Map<string, string>()
        : await store.openSinceOf(causes.map((cause) => dedupKey(system, cause)))
    return (cause: AlertFinding): { since?: string } => {
      const since = open.get(dedupKey(system, cause))
      return since === undefined ? {} : { since }
    }
  }

  const sendUnstored = async (system: string, findings: readonly AlertFinding[]): Promise<AlertMessage[]> => {
    leftover = true
    storedAt = null
    const said: AlertMessage[] = []
    const down = new Set<ChannelName>() // so that only one refusal of each channel is waited for
    for (const finding of mergeConsequences(findings, system)) {
      const alert = alertMessage(finding, system, { raiseAfterMs, now: new Date() })
      const before = sent.get(alert.dedupKey)
      const lasting = before !== undefined && Date.now() - before.sentAt.getTime() < SENT_FOR_MS
      if (lasting && before.left.length === 0) continue
      if (!lasting && !(await mustSend(alert))) {
        sent.set(alert.dedupKey, { alert, sentAt: new Date(), left: [] })
        continue
      }
      const message: AlertMessage = { ...alert, state: 'opened' }
      if (!lasting) log(message)
      const sentAt = lasting ? before.sentAt : new Date()
      const left = await sendTo(message, lasting ? before.left : routing(message), down)
      sent.set(alert.dedupKey, { alert, sentAt, left })
      said.push(message)
    }
    return said
  }

  /** Without a shared store, one message too many is better than none. */
  const mustSend = (alert: Omit<AlertMessage, 'state'>): Promise<boolean> =>
    unstored.claim(alert).catch((error: unknown) => {
      warn(error, `alerts sent by other processes are not known: ${alert.dedupKey} is sent`)
      return true
    })

  /** Sends to these channels at once, and returns those that did not accept it, or may not yet: the next check tries again. */
  const sendTo = async (
    message: AlertMessage,
    recipients: readonly Recipient[],
    down: Set<ChannelName>,
  ): Promise<Recipient[]> => {
    const left = await Promise.all(
      recipients.map(async (recipient): Promise<Recipient[]> => {
        const { channel: name, notBefore } = recipient
        const channel = channels.find((one) => one.name === name)
        if (channel === undefined) return []
        if (down.has(name) || (notBefore !== null && notBefore > new Date())) return [recipient]
        const id = `${message.dedupKey}/${message.since}`
        try {
          await channel.send([{ id, message }])
          return []
        } catch (error) {
          down.add(name)
          warn(error, `the alert ${message.dedupKey} was not accepted by ${name}: retrying`)
          return [recipient]
        }
      }),
    )
    return left.flat()
  }

  /** Deliveries that are running, so that a channel that hangs is not called twice, and delays no other one. */
  const delivering = new Map<ChannelName, Promise<number>>()
  const deliverTo = (channel: AlertChannel): Promise<number> => {
    const { name, most, leaseMs } = channel
    const running =
      delivering.get(name) ??
      store
        .deliver({ channel: name, most, leaseMs }, (messages) => channel.send(messages))
        .finally(() => delivering.delete(name))
    delivering.set(name, running)
    return running
  }

  return {
    async reconcile(report) {
      const { system, findings, databaseUnavailable = false } = report
      if (databaseUnavailable) return sendUnstored(system, findings)
      try {
        return await reconcileStored(report)
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        const { problem, detail } = error
        const away: AlertFinding = { name: problem, count: 0, since: new Date().toISOString(), detail }
        return sendUnstored(
          system,
          findings.some(({ name }) => name === problem) ? findings : [...findings, away],
        )
      }
    },
    openSince: (name) => store.openSince(name),
    async deliver() {
      try {
        let left = 0
        for (const one of await Promise.allSettled(channels.map(deliverTo))) {
          if (one.status === 'rejected') throw one.reason
          left += one.value
        }
        return left
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        return [...sent.values()].filter(({ left }) => left.length > 0).length // queued messages wait for the store
      }
    },
  }
}
