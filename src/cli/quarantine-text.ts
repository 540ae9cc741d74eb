import type { QuarantineEntry } from '../adapters/mongo/quarantine.ts'
import { ago, table } from './print.ts'

export function listText(
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
    ago(lastSeen),
    ago(expiresAt),
  ])
  const reasons = Object.entries(counts).map(([reason, count]) => `${String(count).padStart(6)}  ${reason}`)
  return [
    table(['ID', 'TENANT', 'REASON', 'TIMES', 'LAST', 'EXPIRES'], rows),
    [
      `${total} entries${total > entries.length ? `, the newest ${entries.length} shown` : ''}:`,
      ...reasons,
    ].join('\n'),
  ].join('\n\n')
}

/** One entry as it came. What could not be read may hold anything, so this is personal data. */
export function entryText(entry: QuarantineEntry & { content: string }): string {
  const { id, tenant, reason, times, firstSeen, lastSeen, expiresAt, content } = entry
  const facts = [
    ['entry', id],
    ['tenant', tenant],
    ['reason', reason],
    ['seen', `${times === 1 ? 'once' : `${times} times`}, first ${firstSeen}, last ${lastSeen}`],
    ['expires', `${expiresAt} (${ago(expiresAt)})`],
  ]
  return [...facts.map(([name = '', value = '']) => `${name.padEnd(9)} ${value}`), '', content].join('\n')
}
