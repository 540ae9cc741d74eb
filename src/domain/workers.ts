import type { QueuePoller, WorkerReport, WorkerRow, WorkerState } from '../contracts/workers.ts'

/** How often a worker reports itself. */
export const REPORT_EVERY_MS = 5_000
/** A worker that has not reported for this long hangs, was killed, or cannot reach the database. */
export const SILENT_AFTER_MS = 20_000
/**
 * Temporal records a poller when its poll begins, and when it ends, after a minute at most, even if the worker is gone
 * by then. A worker that Temporal recorded this much later than its last report is alive: only its connection to the
 * database is broken.
 */
const POLLED_SINCE_MS = 70_000
/** Temporal lists a poller for minutes; a live one polls again after about one. */
const STALE_MS = 75_000
/**
 * After this time a silent worker that Temporal does not list has exited: there is no process to stop or to restart.
 */
const FORGOTTEN_MS = 10 * 60_000

/**
 * Whether a process that Temporal lists as a poller is polling now. `report` is its own report, if any. A fresh one
 * counts before Temporal's, whose age is measured against this machine's clock.
 */
export function isPolling(poller: QueuePoller, report: WorkerReport | undefined): boolean {
  if (report?.stopped === true) return false
  if (report !== undefined && report.ageMs <= SILENT_AFTER_MS) return true
  if (poller.ageMs > STALE_MS) return false
  return report === undefined || report.ageMs - poller.ageMs > POLLED_SINCE_MS
}

/** The given queues that no live worker polls. `reports` are null where they cannot be read. */
export function unpolledQueues(
  queues: readonly string[],
  pollers: readonly QueuePoller[],
  reports: readonly WorkerReport[] | null,
): string[] {
  const known = new Map(reports?.map((report) => [report.identity, report]))
  const served = new Set(
    pollers.filter((poller) => isPolling(poller, known.get(poller.identity))).map(({ queue }) => queue),
  )
  return queues.filter((queue) => !served.has(queue))
}

/**
 * Workers that stopped reporting without being stopped, and that no worker started since has replaced: each newer one
 * replaces one of them. A worker that Temporal has not listed for ten minutes is dropped.
 */
export function silentWorkers(
  reports: readonly WorkerReport[],
  pollers: readonly QueuePoller[],
): WorkerReport[] {
  const listed = new Set(pollers.map(({ identity }) => identity))
  const polls = (report: WorkerReport): boolean =>
    pollers.some((poller) => poller.identity === report.identity && isPolling(poller, report))
  const silent = reports
    .filter((report) => !report.stopped && report.ageMs > SILENT_AFTER_MS && !polls(report))
    .filter((report) => report.ageMs <= FORGOTTEN_MS || listed.has(report.identity))
    .toSorted((a, b) => b.ageMs - a.ageMs)
  const replacements = reports
    .filter((report) => !report.stopped && report.ageMs <= SILENT_AFTER_MS)
    .map(({ startedAt }) => Date.parse(startedAt))
    .toSorted((a, b) => a - b)
  const now = Date.now()
  return silent.filter((report) => {
    const index = replacements.findIndex((startedAt) => startedAt > now - report.ageMs)
    if (index < 0) return true
    replacements.splice(index, 1)
    return false
  })
}

/**
 * Variables whose values differ between a worker and this process, among those that both have. With another
 * `HOLDFAST_ID_KEY` no other variable can be compared.
 */
export function differingSettings(
  here: Readonly<Record<string, string>>,
  there: Readonly<Record<string, string>>,
): string[] {
  const differing = Object.keys(here).filter((name) => name in there && here[name] !== there[name])
  return differing.includes('HOLDFAST_ID_KEY') ? ['HOLDFAST_ID_KEY'] : differing
}

/** Every worker that reported in the last day or polls now, live ones first. `here`: this environment's settings. */
export function describeWorkers(
  pollers: readonly QueuePoller[],
  reports: readonly WorkerReport[] | null,
  here: Readonly<Record<string, string>>,
  now = Date.now(),
): WorkerRow[] {
  const known = new Map(reports?.map((report) => [report.identity, report]))
  const identities = new Set([...known.keys(), ...pollers.map(({ identity }) => identity)])
  const shown = [...identities].flatMap((identity): WorkerRow[] => {
    const report = known.get(identity)
    const own = pollers.filter((poller) => poller.identity === identity)
    const queues = own.filter((poller) => isPolling(poller, report)).map(({ queue }) => queue)
    if (report === undefined && queues.length === 0) return [] // Temporal lists it for some minutes
    const ageMs = report?.ageMs ?? Math.min(...own.map((poller) => poller.ageMs))
    return [
      {
        identity,
        host: report?.host ?? null,
        pid: report?.pid ?? null,
        state: stateOf(report, queues),
        queues,
        build: report?.build ?? null,
        startedAt: report?.startedAt ?? null,
        lastSeen: new Date(now - ageMs).toISOString(),
        differs: report === undefined ? null : differingSettings(here, report.settings),
      },
    ]
  })
  return shown.toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state))
}

const STATES: readonly WorkerState[] = ['polling', 'unknown', 'silent', 'stopped']

function stateOf(report: WorkerReport | undefined, queues: readonly string[]): WorkerState {
  if (report === undefined) return 'unknown'
  if (report.stopped) return 'stopped'
  return queues.length > 0 || report.ageMs <= SILENT_AFTER_MS ? 'polling' : 'silent'
}
