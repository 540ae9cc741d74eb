/** An audit reads all of every store, so continuous repairs must not start one after another. */
const BETWEEN_AUDITS_MS = 30 * 60_000

/** Whether the newest audit, which began at `at` (ISO 8601), is old enough for another automatic one. */
export function mayAuditAgain(at: string, now: number): boolean {
  return now - Date.parse(at) >= BETWEEN_AUDITS_MS
}
