import type { AlertFinding, AlertMessage, AlertName } from '../../contracts/alerts.ts'
import { alertMessage, dedupKey } from '../../domain/alerts.ts'
import type { AlertSource } from '../../domain/alert-sources.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { AlertChannel } from './alert-hook.ts'
import type { AlertStore } from '../../state/ports/alerts.ts'

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
   * Opens an alert for each finding, repeats a lasting one, and closes those of the scope whose cause is gone, once no
   * other source finds it either. Each message is logged and sent to the channel, once, however many processes report
   * it. Without the database `UnstoredAlerts` decides which process sends it; where Temporal does not answer either,
   * each process sends its own message, all with the same `dedupKey`.
   */
  reconcile(report: AlertReport): Promise<readonly AlertMessage[]>
  /** Sends again the messages that the channel did not accept. Returns how many are still not accepted. */
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
  /** Null where no channel is configured: alerts are then only logged. */
  readonly channel: AlertChannel | null
  readonly log: (message: AlertMessage) => void
  /** Logs a failure that changes nothing for this report. */
  readonly warn: (error: unknown, what: string) => void
}

interface Sent {
  readonly alert: Omit<AlertMessage, 'state'>
  readonly sentAt: Date
  /** False where the channel did not accept it. */
  readonly taken: boolean
}

/** As long as the run that represents it in Temporal: after that it may be sent again. */
const SENT_FOR_MS = 6 * 3_600_000
/** Temporal's list lags: an alert that another process sent a moment ago may not be on it yet. */
const LISTED_WITHIN_MS = 60_000

export function createAlerts({ source, store, unstored, channel, log, warn }: AlertsDeps): Alerts {
  /** Alerts that this process sent, or left to another one, while the database was unavailable. */
  const sent = new Map<string, Sent>()
  /** Whether alerts of other processes may be unstored: at the start, and after an outage. */
  let leftover = true
  /** When all that was listed was stored, after the start or an outage; null before. */
  let storedAt: number | null = null

  const queue = channel !== null

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
      if (!sent.has(alert.dedupKey)) sent.set(alert.dedupKey, { alert, sentAt, taken: true })
    for (const [key, { alert, sentAt, taken }] of sent) {
      await store.storeSent(alert, sentAt, queue && !taken)
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
    const seen = []
    for (const finding of findings)
      seen.push(await store.record(alertMessage(finding, system), queue, source, lookedAt))
    const still = [...findings, ...pending].map((finding) => dedupKey(system, finding))
    const said = [
      ...seen.filter((message) => message !== null),
      ...(await store.closeMissing({ names: scope, still, source }, queue)),
    ]
    for (const message of said) log(message)
    return said
  }

  const sendUnstored = async (system: string, findings: readonly AlertFinding[]): Promise<AlertMessage[]> => {
    leftover = true
    storedAt = null
    const said: AlertMessage[] = []
    let channelDown = false // so that only one refusal is waited for
    for (const finding of findings) {
      const alert = alertMessage(finding, system)
      const before = sent.get(alert.dedupKey)
      const lasting = before !== undefined && Date.now() - before.sentAt.getTime() < SENT_FOR_MS
      if (lasting && before.taken) continue
      if (!lasting && !(await mustSend(alert))) {
        sent.set(alert.dedupKey, { alert, sentAt: new Date(), taken: true })
        continue
      }
      const message: AlertMessage = { ...alert, state: 'opened' }
      if (!lasting) log(message)
      const sentAt = lasting ? before.sentAt : new Date()
      const taken: boolean = !channelDown && (await sendToChannel(message))
      channelDown ||= !taken
      sent.set(alert.dedupKey, { alert, sentAt, taken })
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

  /** False when the channel does not accept it; the next check sends it again. */
  const sendToChannel = async (message: AlertMessage): Promise<boolean> => {
    if (channel === null) return true
    return channel(message).then(
      () => true,
      () => false,
    )
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
      if (channel === null) return 0
      try {
        return await store.deliver(channel)
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        return [...sent.values()].filter(({ taken }) => !taken).length // queued messages wait for the store
      }
    },
  }
}
