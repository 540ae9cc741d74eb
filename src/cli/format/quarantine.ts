import { relativeTime, table } from './print.ts'
import type { QuarantineEntry, QuotaExceeded } from '../../state/ports/quarantine.ts'

export function quarantineListText(
  entries: readonly QuarantineEntry[],
  counts: Readonly<Record<string, number>>,
  total: number,
): string {
  if (total === 0) return 'Nothing is quarantined.'
  const rows = entries.map(({ id, tenant, reason, times, lastSeen, expiresAt }) => [
    id,
    tenant,
    reason,
    String(times),
    relativeTime(lastSeen),
    relativeTime(expiresAt),
  ])
  const reasons = Object.entries(counts).map(([reason, count]) => `${String(count).padStart(6)}  ${reason}`)
  return [
    table(['ID', 'TENANT', 'REASON', 'TIMES', 'LAST SEEN', 'EXPIRES'], rows),
    [
      `${total} entries${total > entries.length ? `, the newest ${entries.length} shown` : ''}:`,
      ...reasons,
    ].join('\n'),
  ].join('\n\n')
}

/** A tenant has a daily limit, so that a broken or hostile sender cannot fill the database. */
export function quotaExceededText(days: readonly QuotaExceeded[]): string {
  const lines = days.map(
    ({ tenant, day, notStored }) => `${String(notStored).padStart(6)}  ${tenant}, ${day}`,
  )
  return ['Counted but not stored, because the daily limit was reached:', ...lines].join('\n')
}

/** One entry as received. An unreadable entry may contain any data, so this is personal data. */
export function quarantineEntryText(entry: QuarantineEntry & { content: string }): string {
  const { id, tenant, reason, times, firstSeen, lastSeen, expiresAt, content, original } = entry
  const facts = [
    ['entry', id],
    ['tenant', tenant],
    ['reason', reason],
    ['seen', `${times === 1 ? 'once' : `${times} times`}, first ${firstSeen}, last ${lastSeen}`],
    ['expires', `${expiresAt} (${relativeTime(expiresAt)})`],
    ...(original === null
      ? []
      : [['original', `${original.bytes} bytes, SHA-256 ${original.sha256}; its beginning as text follows`]]),
  ]
  return [...facts.map(([name = '', value = '']) => `${name.padEnd(9)} ${value}`), '', content].join('\n')
}
