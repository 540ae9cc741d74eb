import type { AlertFinding } from '../../contracts/alerts.ts'
import type { AuditResult } from '../../contracts/audit.ts'
import { vocabularyOf } from '../../contracts/vocabulary.ts'
import { lostRecords } from '../../domain/safety-limit.ts'
import type { AuditFindings } from '../../state/ports/audit-findings.ts'
import type { Tombstones } from '../../state/ports/tombstones.ts'

const DAY_MS = 24 * 3_600_000

export interface RecordsLostDeps {
  readonly findings: AuditFindings
  readonly tombstones: Tombstones
}

/**
 * Returns the alert where a store holds far fewer records than audits of the last day counted there: it was dropped, or
 * restored from an old copy. `openSince`: when the records were last complete, where the alert is open; the store is
 * then compared with the audits since, until the records are back or the audits expire.
 */
export async function recordsLost(
  { findings, tombstones }: RecordsLostDeps,
  { auditId, at, system }: Pick<AuditResult, 'auditId' | 'at' | 'system'>,
  openSince: string | null,
): Promise<AlertFinding[]> {
  const now = (await findings.loadResult(auditId))?.counts
  const dayBefore = Date.parse(at) - DAY_MS
  // Audits at exactly that time are compared too.
  const since = new Date(openSince === null ? dayBefore : Math.min(dayBefore, Date.parse(openSince) - 1))
  const earlier = await findings.countsBetween(since.toISOString(), at)
  if (now === undefined || earlier.length === 0) return []
  const { audit } = vocabularyOf(system)
  // people are the provider's, and never among them
  const current = Object.fromEntries((audit.records ?? audit.counts).map((store) => [store, now[store] ?? 0]))
  const most = Object.fromEntries(
    Object.keys(current).map((store) => [
      store,
      Math.max(...earlier.map(({ counts }) => counts[store] ?? 0)),
    ]),
  )
  const lost = lostRecords(most, current, await tombstones.countSince(since))
  if (lost.length === 0) return []
  const last = earlier
    .filter(({ counts }) => lost.some(({ store, before }) => (counts[store] ?? 0) === before))
    .map((one) => one.at)
    .toSorted()
    .at(-1)
  const detail = Object.fromEntries(lost.map((one) => [one.store, `${one.before} before, ${one.now} now`]))
  const count = Math.max(...lost.map((one) => one.before - one.now))
  return [{ name: 'records-lost', count, since: last ?? at, detail }]
}
