import type { System } from '../../contracts/systems.ts'
import pc from 'picocolors'
import type { AuditCheck, AuditResult, AuditScope, PersonRow } from '../../contracts/audit.ts'
import type { Finding } from '../../contracts/gaps.ts'
import { vocabularyOf, workflowsOf } from '../../contracts/vocabulary.ts'
import type { AuditColumn } from '../../contracts/words.ts'
import { accountsLeftSentence } from '../../domain/deletion-text.ts'
import { gapText } from '../../domain/gaps.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { csv } from './csv.ts'
import { moreLine } from './more.ts'
import { relativeTime, identityCell, table } from './print.ts'
import { counted } from '../../contracts/text/counted.ts'

const SHOWN = 30

type AuditReport = Omit<AuditResult, 'findings'> & { readonly findings: readonly Finding[] }

/** An audit for people: the counts, the gaps, and the action for each kind of gap. */
export function auditText(audit: AuditReport, people: readonly PersonRow[], summary: boolean): string {
  const {
    auditId,
    scope,
    counts,
    records,
    gaps,
    ignored,
    young,
    inProgress,
    accountsLeft,
    system,
    notices,
    checks = [],
    health,
    pass,
    findings,
  } = printableIn(audit)
  const parts = [
    `Audit ${auditId}: ${scopeText(scope, workflowsOf(system).hasTenants)}`,
    table(
      ['STORE', 'COUNT'],
      Object.entries(counts).map(([name, count]) => [name, String(count)]),
    ),
    table(
      ['RECORD', 'PRESENT', 'EXPECTED', '%'],
      Object.entries(records).map(([name, { have, due, percent }]) => [name, have, due, percent].map(String)),
    ),
    ...(checks.length === 0 ? [] : [checksTable(checks)]),
    ...(health === undefined
      ? []
      : [
          table(
            ['HEALTH (24 H)', 'VALUE'],
            Object.entries(health).map(([name, value]) => [name, String(value)]),
          ),
        ]),
    ...(ignored === 0 ? [] : [`${ignored} ignored and not checked: holdfast ignore ${system} --list`]),
    ...(young === 0
      ? []
      : [
          `${counted(young, 'person is', 'people are')} within the grace period (${vocabularyOf(system).audit.graceVariable ?? 'HOLDFAST_GRACE_MINUTES'}) and not checked yet.`,
        ]),
    ...(inProgress === 0 ? [] : [`${inProgress} have a signup in progress and are not checked yet.`]),
    ...[accountsLeftSentence(system, accountsLeft)].filter((sentence) => sentence !== null),
    ...notices.map((notice) => `${pc.yellow('Notice:')} ${notice}`),
  ]
  if (people.length > 0 && !summary) parts.push(peopleTable(system, people))
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
  parts.push(...fixes(system, findings), ...moreLine(kinds.map(([kind]) => kind)))
  return parts.join('\n\n')
}

function checksTable(checks: readonly AuditCheck[]): string {
  return table(
    ['CHECK', 'STATUS', 'COUNT', 'DETAILS'],
    checks.map(({ name, pass, count, details }) => [
      name,
      pass ? pc.green('PASS') : pc.red('FAIL'),
      String(count),
      details,
    ]),
  )
}

export function findingsTable(findings: readonly Finding[]): string {
  const rows = printableIn(findings.slice(0, SHOWN)).map((finding) => [
    identityCell(finding.identity),
    finding.kind,
    sinceText(finding.since),
    gapText(finding).sentence,
  ])
  const more =
    findings.length > SHOWN
      ? [`… and ${findings.length - SHOWN} more: use --json or --format csv for all.`]
      : []
  return [table(['PERSON', 'GAP', 'SINCE', 'DETAIL'], rows), ...more].join('\n')
}

/** One line per kind: the fix of its first finding, and whether Holdfast repairs it. */
function fixes(system: System, findings: readonly Finding[]): string[] {
  const first = new Map<string, Finding>()
  for (const finding of findings) if (!first.has(finding.kind)) first.set(finding.kind, finding)
  const byHand = [...first.values()].filter(({ repair }) => repair === null)
  const lines = byHand.map((finding) => `${pc.bold(finding.kind)}: ${gapText(finding).fix}`)
  const removable = findings.some(({ repair }) => repair === 'remove')
  const repairable = findings.some(({ repair }) => repair !== null && repair !== 'remove')
  return [
    ...(repairable
      ? [`To see what would be repaired: holdfast backfill ${system}. To repair it, add --fix.`]
      : []),
    ...(removable ? [`To see which records would be removed: holdfast backfill ${system} --remove`] : []),
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
  ]
}

function peopleTable(system: System, people: readonly PersonRow[]): string {
  const columns = Object.entries(vocabularyOf(system).audit.columns)
  const withEmail = people.some(({ email }) => email !== undefined)
  return table(
    ['PERSON', ...columns.map(([, { head }]) => head), 'STATE', ...(withEmail ? ['E-MAIL'] : [])],
    printableIn(people).map((row) => [
      identityCell(row.identity),
      ...columns.map(([name, { type }]) => cellText(type, row[name])),
      row.state === 'healthy' ? pc.green(row.state) : pc.yellow(row.state),
      ...(withEmail ? [row.email ?? '-'] : []),
    ]),
  )
}

function cellText(type: AuditColumn['type'], value: PersonRow[string]): string {
  if (value === null || value === undefined) return '-'
  if (type === 'yes') return value === true ? 'yes' : 'no'
  return type === 'time' ? relativeTime(String(value)) : String(value)
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

export function peopleCsv(system: System, people: readonly PersonRow[]): string {
  const names = [
    'identity',
    'tenant',
    ...Object.keys(vocabularyOf(system).audit.columns),
    'state',
    ...(people.some(({ email }) => email !== undefined) ? ['email'] : []),
  ]
  return csv(
    names,
    people.map((row) => names.map((name) => row[name] ?? null)),
  )
}

export function scopeText({ tenant, last, since, id }: AuditScope, hasTenants: boolean): string {
  const whom =
    id ??
    (last === null
      ? since === null
        ? 'all people'
        : `people who signed up since ${since}`
      : `the last ${last} people`)
  if (!hasTenants) return whom
  return `${whom}, ${tenant === null ? 'all tenants' : `tenant ${tenant}`}`
}

function sinceText(time: string | null): string {
  return time === null ? '-' : relativeTime(time)
}
