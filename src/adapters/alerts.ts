import type { AlertFinding, AlertMessage, AlertName } from '../contracts/alerts.ts'
import { alertMessage, dedupKey } from '../domain/alerts.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { AlertChannel } from './alert-hook.ts'
import type { AlertStore } from './mongo/alerts.ts'

/** What somebody found who looked for everything in `scope`, and for nothing else. */
export interface AlertReport {
  readonly system: string
  readonly scope: readonly AlertName[]
  readonly findings: readonly AlertFinding[]
}

export interface Alerts {
  /**
   * Opens an alert for each finding, repeats one that lasts, and closes those of the scope whose cause is gone. Each of
   * them is said in the log and handed to the channel. Without the database it still says what is found, once.
   */
  settle(report: AlertReport): Promise<readonly AlertMessage[]>
  /** Tries again to hand over what the channel did not take. Returns how many messages it still has not. */
  deliver(): Promise<number>
}

export interface AlertsDeps {
  readonly store: AlertStore
  /** Null where no channel is configured: the log has to do. */
  readonly channel: AlertChannel | null
  readonly log: (message: AlertMessage) => void
}

export function createAlerts({ store, channel, log }: AlertsDeps): Alerts {
  /** Said while the database was away, by their keys; `told`: the channel took it. */
  const unstored = new Map<string, { alert: Omit<AlertMessage, 'state'>; told: boolean }>()

  const queue = channel !== null

  const settleStored = async ({ system, scope, findings }: AlertReport): Promise<AlertMessage[]> => {
    for (const [key, { alert, told }] of unstored) {
      await store.adopt(alert, queue && !told)
      unstored.delete(key)
    }
    const seen = []
    for (const finding of findings) seen.push(await store.see(alertMessage(finding, system), queue))
    const still = findings.map((finding) => dedupKey(system, finding))
    const said = [
      ...seen.filter((message) => message !== null),
      ...(await store.closeOthers({ system, names: scope, still }, queue)),
    ]
    for (const message of said) log(message)
    return said
  }

  const settleUnstored = async (
    { system, findings }: AlertReport,
    { problem, detail }: OutsideError,
  ): Promise<AlertMessage[]> => {
    const away: AlertFinding = { name: problem, count: 0, since: new Date().toISOString(), detail }
    const all = findings.some(({ name }) => name === problem) ? findings : [...findings, away]
    const said: AlertMessage[] = []
    for (const finding of all) {
      const alert = alertMessage(finding, system)
      const known = unstored.get(alert.dedupKey)
      if (known?.told === true) continue
      const message: AlertMessage = { ...alert, state: 'opened' }
      if (known === undefined) log(message)
      unstored.set(alert.dedupKey, { alert: known?.alert ?? alert, told: await tellNow(message) })
      said.push(message)
    }
    return said
  }

  /** False when the channel does not take it: it is tried again by the next look. */
  const tellNow = async (message: AlertMessage): Promise<boolean> => {
    if (channel === null) return true
    return channel(message).then(
      () => true,
      () => false,
    )
  }

  return {
    async settle(report) {
      try {
        return await settleStored(report)
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        return settleUnstored(report, error)
      }
    },
    async deliver() {
      if (channel === null) return 0
      try {
        return await store.deliver(channel)
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        return [...unstored.values()].filter(({ told }) => !told).length // what the store holds waits for it
      }
    },
  }
}
