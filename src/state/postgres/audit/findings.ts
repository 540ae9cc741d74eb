import { sql, type RawBuilder } from 'kysely'
import type { Finding, Gap } from '../../../contracts/gaps.ts'
import type { PersonRef, System } from '../../../contracts/systems.ts'
import { callPostgres } from '../../../adapters/postgres/lib/errors.ts'
import type { AuditFindings } from '../../ports/audit-findings.ts'
import { createExpiry } from '../lib/expiry.ts'
import { toJson } from '../lib/json.ts'
import type { StateDb } from '../tables.ts'
import { createAuditPeople } from './people.ts'
import { peopleToRepair } from './repairs.ts'
import { createAuditResults } from './results.ts'

const TABLE = 'holdfast.audit_findings'
const KEEP_MS = 30 * 24 * 3_600_000
const PAGE = 1_000

type FindingRow = Omit<Finding, 'system'>

/** The findings of audits, for as long as they are kept, with the results and the people of those audits. */
export function createAuditFindings(db: StateDb, system: System): AuditFindings {
  const expire = createExpiry(db, TABLE)
  const findingOf = (row: FindingRow): Finding => ({ system, ...row })
  /** Without those that have expired and are deleted later. */
  const of = (audit: string) => sql`system = ${system} and audit = ${audit} and expires_at > now()`
  const columns = sql`identity, tenant, kind, since, evidence, repair`

  /** A page in order, after a finding: a list is read page by page, so that no statement or connection stays open. */
  const pageAfter = (audit: string, after: FindingRow | null, limit: number): Promise<FindingRow[]> =>
    callPostgres(TABLE, 'find', async () => {
      const beyond = after === null ? sql`` : sql`and (identity, kind) > (${after.identity}, ${after.kind})`
      const { rows } = await sql<FindingRow>`
        select ${columns} from holdfast.audit_findings
        where ${of(audit)} ${beyond}
        order by identity, kind limit ${limit}`.execute(db)
      return rows
    })

  const kindsAmong = async (matched: RawBuilder<unknown>): Promise<Partial<Record<Gap, number>>> => {
    const { rows } = await sql<{ kind: Gap; count: number }>`
      select kind, count(*) as count from holdfast.audit_findings
      where ${matched} group by kind order by kind`.execute(db)
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
  }

  return {
    async add(audit, found, scheduled = false) {
      if (found.length === 0) return
      // Of two findings with the same key the last one is stored: one statement changes a row only once.
      const unique = new Map(
        found.map((finding) => [JSON.stringify([finding.identity, finding.kind]), finding]),
      )
      const rows = inOrder([...unique.values()])
      const expiresAt = new Date(Date.now() + KEEP_MS)
      await callPostgres(TABLE, 'update', async () => {
        await sql`
          insert into holdfast.audit_findings
            (system, audit, identity, kind, tenant, since, evidence, repair, scheduled, expires_at)
          select ${system}, ${audit}, identity, kind, tenant, since, evidence::jsonb, repair, ${scheduled}::boolean,
            ${expiresAt}::timestamptz
          from unnest(${rows.map(({ identity }) => identity)}::text[], ${rows.map(({ kind }) => kind)}::text[],
            ${rows.map(({ tenant }) => tenant)}::text[], ${rows.map(({ since }) => since)}::text[],
            ${rows.map(({ evidence }) => toJson(evidence))}::text[],
            ${rows.map(({ repair }) => repair)}::text[]) as found (identity, kind, tenant, since, evidence, repair)
          on conflict (system, audit, identity, kind) do update set
            tenant = excluded.tenant, since = excluded.since, evidence = excluded.evidence, repair = excluded.repair,
            scheduled = excluded.scheduled, expires_at = excluded.expires_at`.execute(db)
        await expire(rows.length)
      })
    },

    async *iterate(audit) {
      let after: FindingRow | null = null
      for (;;) {
        const page: FindingRow[] = await pageAfter(audit, after, PAGE)
        for (const row of page) yield findingOf(row)
        after = page.at(-1) ?? null
        if (page.length < PAGE) return
      }
    },

    first: async (audit, limit) => (await pageAfter(audit, null, limit)).map(findingOf),

    ofPeople: (audit, identities, kinds) =>
      callPostgres(TABLE, 'find', async () => {
        const { rows } = await sql<FindingRow>`
          select ${columns} from holdfast.audit_findings
          where ${of(audit)} and identity = any(${[...identities]}::text[])
            and kind = any(${[...kinds]}::text[])
          order by identity, kind`.execute(db)
        return rows.map(findingOf)
      }),

    counts: (audit) => callPostgres(TABLE, 'find', () => kindsAmong(of(audit))),

    affected: (audit, kinds, { except, exceptOf } = { except: [], exceptOf: [] }) =>
      callPostgres(TABLE, 'find', async () => {
        const matched = sql`${of(audit)} and kind = any(${[...kinds]}::text[])
          and not (kind = any(${[...exceptOf]}::text[]) and identity = any(${[...except]}::text[]))`
        const [{ rows }, byKind] = await Promise.all([
          sql<{ identities: number; since: string | null }>`
            select count(distinct identity) as identities, min(since) as since
            from holdfast.audit_findings where ${matched}`.execute(db),
          kindsAmong(matched),
        ])
        return { identities: rows[0]?.identities ?? 0, kinds: byKind, since: rows[0]?.since ?? null }
      }),

    async identitiesOf(audit, kinds, matches) {
      const found = new Set<string>()
      let after = ''
      for (;;) {
        const page = await callPostgres(TABLE, 'find', () =>
          sql<PersonRef>`
            select distinct on (identity) identity, tenant from holdfast.audit_findings
            where ${of(audit)} and kind = any(${[...kinds]}::text[])
              and identity > ${after}
            order by identity, kind limit ${PAGE}`.execute(db),
        )
        for (const person of page.rows) if (matches(person)) found.add(person.identity)
        const last = page.rows.at(-1)
        if (last === undefined || page.rows.length < PAGE) return [...found]
        after = last.identity
      }
    },

    peopleToRepair: (audit, by, after, limit) => peopleToRepair(db, { system, audit }, by, after, limit),

    ...createAuditPeople(db, system),
    ...createAuditResults(db, system),
  }
}

/** Ordered by identity and kind, so that two writers of the same rows do not deadlock. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return findings.toSorted((a, b) => compare(a.identity, b.identity) || compare(a.kind, b.kind))
}
