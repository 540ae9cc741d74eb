import pc from 'picocolors'
import type { AuditResult, AuditScope, PersonRow } from '../contracts/audit.ts'
import type { Finding } from '../contracts/gaps.ts'
import { gapText } from '../domain/gaps.ts'
import { csv } from './csv.ts'
import { ago, table } from './print.ts'

const SHOWN = 30

type Told = Omit<AuditResult, 'findings'> & { readonly findings: readonly Finding[] }

/** An audit for people: what there is, what is missing, and for each kind of gap what to do. */
export function auditText(audit: Told, people: readonly PersonRow[], summary: boolean): string {
  const { auditId, scope, counts, records, gaps, ignored, notices, pass, findings } = audit
  const parts = [
    `Audit ${auditId}: ${scopeText(scope)}`,
    table(
      ['STORE', 'THERE ARE'],
      Object.entries(counts).map(([name, count]) => [name, String(count)]),
    ),
    table(
      ['RECORD', 'HAVE', 'DUE', '%'],
      Object.entries(records).map(([name, { have, due, percent }]) => [name, have, due, percent].map(String)),
    ),
    ...(ignored === 0 ? [] : [`${ignored} ignored and not judged: holdfast ignore atproto --list`]),
    ...notices.map((notice) => `${pc.yellow('Notice:')} ${notice}`),
  ]
  if (people.length > 0 && !summary) parts.push(peopleTable(people))
  if (pass) return [...parts, pc.green('Pass: nothing is missing.')].join('\n\n')
  const kinds = Object.entries(gaps)
  if (kinds.length > 0)
    parts.push(
      table(
        ['GAP', 'PEOPLE'],
        kinds.map(([kind, count]) => [kind, String(count)]),
      ),
    )
  if (!summary && people.length === 0) parts.push(findingsTable(findings))
  parts.push(...fixes(findings))
  return parts.join('\n\n')
}

export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings
    .slice(0, SHOWN)
    .map((finding) => [finding.identity, finding.kind, sinceText(finding.since), gapText(finding).sentence])
  const more =
    findings.length > SHOWN ? [`… and ${findings.length - SHOWN} more: --json or --format csv has all.`] : []
  return [table(['WHO', 'GAP', 'SINCE', 'WHAT'], rows), ...more].join('\n')
}

/** One line a kind: what mends the first of it, and whether Holdfast does. */
function fixes(findings: readonly Finding[]): string[] {
  const first = new Map<string, Finding>()
  for (const finding of findings) if (!first.has(finding.kind)) first.set(finding.kind, finding)
  const byHand = [...first.values()].filter(({ repair }) => repair === null)
  const lines = byHand.map((finding) => `${pc.bold(finding.kind)}: ${gapText(finding).fix}`)
  const mended = findings.some(({ repair }) => repair !== null)
  return [
    ...(mended ? ['To see what would be repaired: holdfast backfill atproto; to repair it: --fix'] : []),
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
  ]
}

function peopleTable(people: readonly PersonRow[]): string {
  return table(
    ['PERSON', 'VERIFIED', 'AGE', 'COUNT', 'USER', 'CODE', 'HANDLE', 'DID', 'REACHABLE', 'STATE'],
    people.map((row) => [
      row.identity,
      yes(row.verified),
      sinceText(row.signedUpAt),
      row.verifications === null ? '-' : String(row.verifications),
      yes(row.user),
      row.code ?? '-',
      row.handle ?? '-',
      row.did ?? '-',
      row.reachable === null ? '-' : yes(row.reachable),
      row.state === 'healthy' ? pc.green(row.state) : pc.yellow(row.state),
    ]),
  )
}

export function findingsCsv(findings: readonly Finding[]): string {
  return csv(
    ['identity', 'tenant', 'kind', 'since', 'evidence', 'repair'],
    findings.map(({ identity, tenant, kind, since, evidence, repair }) => [
      identity,
      tenant,
      kind,
      since,
      evidence,
      repair,
    ]),
  )
}

export function peopleCsv(people: readonly PersonRow[]): string {
  const names = [
    'identity',
    'tenant',
    'verified',
    'signedUpAt',
    'verifications',
    'user',
    'code',
    'handle',
    'did',
    'reachable',
    'state',
  ] as const satisfies (keyof PersonRow)[]
  return csv(
    names,
    people.map((row) => names.map((name) => row[name])),
  )
}

export function scopeText({ tenant, last, since, id }: AuditScope): string {
  const whom =
    id ??
    (last === null ? (since === null ? 'everybody' : `who signed up since ${since}`) : `the last ${last}`)
  return `${whom}, ${tenant === null ? 'all tenants' : `tenant ${tenant}`}`
}

function sinceText(time: string | null): string {
  return time === null ? '-' : ago(time)
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no'
}
