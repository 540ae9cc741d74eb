/**
 * The reporter of an alert: all workers together, through `watch` and audits, or one server process. It contains no
 * dot, since it is used as a field name.
 */
export type AlertSource = 'workers' | `server-${string}`

export type LastSeenBySource = Readonly<Record<string, Date>>

/** More than the five minutes between two runs of `watch`. */
const WORKERS_MS = 6 * 60_000
/** Three rounds of a server's checks. A server that has exited keeps its alerts open no longer than that. */
const SERVER_MS = 30_000

/**
 * Whether another source than `source` found the cause of an alert so recently that its next check is still due. A
 * source that reaches a dependency proves nothing for a source that does not, so neither closes the other's finding.
 */
export function isSeenByOtherSource(seenBy: LastSeenBySource, source: AlertSource, now: Date): boolean {
  return Object.entries(seenBy).some(([by, at]) => {
    const lasts = by === 'workers' ? WORKERS_MS : SERVER_MS
    return by !== source && now.getTime() - at.getTime() < lasts
  })
}
