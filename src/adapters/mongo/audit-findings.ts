import { createHash } from 'node:crypto'
import type { Db } from 'mongodb'
import type { AuditResult, PersonRow } from '../../contracts/audit.ts'
import type { Finding, Gap, Repair } from '../../contracts/gaps.ts'
import { createExpiry } from './expiry.ts'
import { inMongo } from './errors.ts'

const AUDITS = 'holdfast_audits'
const FINDINGS = 'holdfast_audit_findings'
const PEOPLE = 'holdfast_audit_people'
const KEEP_MS = 30 * 24 * 3_600_000
const PAGE = 1_000

interface AuditDocument extends Omit<AuditResult, 'findings' | 'auditId'> {
  _id: string
  expiresAt: Date
}

interface FindingDocument extends Finding {
  _id: string
  audit: string
  expiresAt: Date
}

interface PersonDocument extends PersonRow {
  _id: string
  audit: string
  expiresAt: Date
}

export interface AuditFindings {
  /** Both may be told twice. */
  add(audit: string, findings: readonly Finding[]): Promise<void>
  addPeople(audit: string, rows: readonly PersonRow[]): Promise<void>
  /** In order of identity and kind, which is the order a digest is made in. */
  each(audit: string): AsyncIterable<Finding>
  some(audit: string, limit: number): Promise<Finding[]>
  /** Newest first. */
  people(audit: string): AsyncIterable<PersonRow>
  counts(audit: string): Promise<Partial<Record<Gap, number>>>
  /** People to be repaired this way after `after`, in order; each with their kinds of gap. */
  toRepair(audit: string, repair: Repair, after: string | null, limit: number): Promise<ToRepair[]>
  conclude(result: AuditResult): Promise<void>
  /** Null for an id nobody knows, or whose time is over. */
  concluded(audit: string): Promise<Omit<AuditResult, 'findings'> | null>
}

export interface ToRepair {
  readonly identity: string
  readonly tenant: string
  readonly since: string | null
}

/** What audits found, for as long as somebody may ask: `holdfast_audits` and what belongs to each. */
export function createAuditFindings(db: Db): AuditFindings {
  const audits = db.collection<AuditDocument>(AUDITS)
  const findings = db.collection<FindingDocument>(FINDINGS)
  const people = db.collection<PersonDocument>(PEOPLE)
  const expiries = [createExpiry(audits), createExpiry(findings), createExpiry(people)]
  const expire = () => Promise.all(expiries.map((one) => one()))
  const until = (): Date => new Date(Date.now() + KEEP_MS)
  let indexed: Promise<unknown> | null = null

  const upserts = <T extends { _id: string }>(documents: readonly T[]) =>
    documents.map(({ _id, ...rest }) => ({
      replaceOne: { filter: { _id }, replacement: rest, upsert: true },
    }))

  return {
    async add(audit, found) {
      if (found.length === 0) return
      const expiresAt = until()
      const documents = found.map((finding) => ({ _id: idOf(audit, finding), audit, ...finding, expiresAt }))
      await inMongo(FINDINGS, 'update', async () => {
        await expire()
        indexed ??= findings.createIndex({ audit: 1, identity: 1, kind: 1 })
        await indexed
        await findings.bulkWrite(upserts(documents) as never, { ordered: false })
      })
    },

    async addPeople(audit, rows) {
      if (rows.length === 0) return
      const expiresAt = until()
      const documents = rows.map((row) => ({ _id: `${audit}/${row.identity}`, audit, ...row, expiresAt }))
      await inMongo(PEOPLE, 'update', async () => {
        await expire()
        await people.bulkWrite(upserts(documents) as never, { ordered: false })
      })
    },

    async *each(audit) {
      const cursor = findings.find({ audit }).sort({ identity: 1, kind: 1 }).batchSize(PAGE)
      for await (const document of cursor) yield findingOf(document)
    },

    async some(audit, limit) {
      const found = await inMongo(FINDINGS, 'find', () =>
        findings.find({ audit }).sort({ identity: 1, kind: 1 }).limit(limit).toArray(),
      )
      return found.map(findingOf)
    },

    async *people(audit) {
      const cursor = people
        .find({ _id: { $gt: `${audit}/`, $lt: `${audit}0` } })
        .sort({ signedUpAt: -1, _id: 1 })
        .batchSize(PAGE)
      for await (const { _id, audit: _audit, expiresAt, ...row } of cursor) yield row
    },

    async counts(audit) {
      const found = await inMongo(FINDINGS, 'aggregate', () =>
        findings
          .aggregate<{
            _id: Gap
            count: number
          }>([{ $match: { audit } }, { $group: { _id: '$kind', count: { $sum: 1 } } }, { $sort: { _id: 1 } }])
          .toArray(),
      )
      return Object.fromEntries(found.map(({ _id, count }) => [_id, count]))
    },

    toRepair: (audit, repair, after, limit) =>
      inMongo(FINDINGS, 'aggregate', async () => {
        const found = await findings
          .aggregate<{ _id: string; tenant: string; since: string | null; repairs: Repair[] }>([
            {
              $match: {
                audit,
                repair: { $ne: null },
                ...(after === null ? {} : { identity: { $gt: after } }),
              },
            },
            { $sort: { audit: 1, identity: 1, kind: 1 } },
            {
              $group: {
                _id: '$identity',
                tenant: { $first: '$tenant' },
                since: { $first: '$since' },
                repairs: { $addToSet: '$repair' },
              },
            },
            // Whom their signup mends, it mends whole: the database's way is for those who need no more.
            { $match: repair === 'signup' ? { repairs: 'signup' } : { repairs: ['database'] } },
            { $sort: { _id: 1 } },
            { $limit: limit },
          ])
          .toArray()
        return found.map(({ _id, tenant, since }) => ({ identity: _id, tenant, since }))
      }),

    async conclude({ findings: _findings, auditId, ...rest }) {
      const document = { ...rest, expiresAt: until() }
      await inMongo(AUDITS, 'update', () =>
        audits.replaceOne({ _id: auditId }, document as never, { upsert: true }),
      )
    },

    async concluded(audit) {
      const found = await inMongo(AUDITS, 'find', () => audits.findOne({ _id: audit }))
      if (found === null) return null
      const { _id, expiresAt, ...rest } = found
      return { ...rest, auditId: _id }
    },
  }
}

/** Any length of identity, and no character of it may end the range of another audit. */
function idOf(audit: string, { identity, kind }: Finding): string {
  return `${audit}/${createHash('sha256').update(`${identity}/${kind}`).digest('hex').slice(0, 32)}`
}

function findingOf({ identity, tenant, kind, since, evidence, repair }: FindingDocument): Finding {
  return { identity, tenant, kind, since, evidence, repair }
}
