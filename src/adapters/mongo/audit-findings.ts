import { createHash } from 'node:crypto'
import type { Db, Filter } from 'mongodb'
import type { AuditResult, PersonRow } from '../../contracts/audit.ts'
import type { Finding, Gap, Repair } from '../../contracts/gaps.ts'
import { askedOnce } from './asked-once.ts'
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
  /** How many have a gap of these kinds, and since when the first of them. */
  affected(audit: string, kinds: readonly Gap[]): Promise<{ identities: number; since: string | null }>
  /** People to be repaired that way, in order, those after `after`. */
  toRepair(audit: string, by: RepairBy, after: string | null, limit: number): Promise<ToRepair[]>
  conclude(result: AuditResult): Promise<void>
  /** Null for an id nobody knows, or whose time is over. */
  concluded(audit: string): Promise<Omit<AuditResult, 'findings'> | null>
}

/** `workflow`: their signup or `syncHandle`, which mend a person whole; `database`: who needs no more than that. */
export type RepairBy = 'workflow' | 'database'

export interface ToRepair {
  readonly identity: string
  readonly tenant: string
  readonly since: string | null
  readonly repairs: readonly Repair[]
}

/** What audits found, for as long as somebody may ask: `holdfast_audits` and what belongs to each. */
export function createAuditFindings(db: Db): AuditFindings {
  const audits = db.collection<AuditDocument>(AUDITS)
  const findings = db.collection<FindingDocument>(FINDINGS)
  const people = db.collection<PersonDocument>(PEOPLE)
  const expiries = [createExpiry(audits), createExpiry(findings), createExpiry(people)]
  const expire = () => Promise.all(expiries.map((one) => one()))
  const until = (): Date => new Date(Date.now() + KEEP_MS)
  const index = askedOnce(() => findings.createIndex({ audit: 1, identity: 1, kind: 1 }))

  const upserts = <T extends { _id: string }>(documents: readonly T[]) =>
    documents.map(({ _id, ...rest }) => ({
      replaceOne: { filter: { _id }, replacement: rest, upsert: true },
    }))

  /** The next so many whom the database alone does not mend: the server leaves out the others, however many lie between. */
  const needingWorkflow = (audit: string, after: string | null, limit: number): Promise<string[]> =>
    inMongo(FINDINGS, 'find', async () => {
      const cursor = findings
        .find({ ...within(audit, after), repair: { $nin: [null, 'database'] } })
        .project<{ identity: string }>({ identity: 1 })
        .sort({ identity: 1, kind: 1 })
        .batchSize(limit * 4) // several findings to a person
      const found = new Set<string>()
      for await (const { identity } of cursor) {
        if (found.size === limit && !found.has(identity)) break
        found.add(identity)
      }
      return [...found]
    })

  const repairsOf = (filter: Filter<FindingDocument>, by: RepairBy, limit: number): Promise<ToRepair[]> =>
    inMongo(FINDINGS, 'find', async () => {
      const cursor = findings
        .find({ ...filter, repair: { $ne: null } })
        .sort({ identity: 1, kind: 1 })
        .batchSize(PAGE)
      const found: ToRepair[] = []
      let person = null as ToRepair | null
      for await (const { identity, tenant, since, repair } of cursor) {
        if (person !== null && identity !== person.identity) {
          if (byOf(person) === by) found.push(person)
          if (found.length === limit) return found
          person = null
        }
        const repairs: Repair[] = [...(person?.repairs ?? []), ...(repair === null ? [] : [repair])]
        person = { identity, tenant, since, repairs }
      }
      if (person !== null && byOf(person) === by) found.push(person)
      return found
    })

  return {
    async add(audit, found) {
      if (found.length === 0) return
      const expiresAt = until()
      const documents = found.map((finding) => ({ _id: idOf(audit, finding), audit, ...finding, expiresAt }))
      await inMongo(FINDINGS, 'update', async () => {
        await expire()
        await index()
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
      for await (const { _id, audit: _audit, expiresAt: _expiresAt, ...row } of cursor) yield row
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

    async affected(audit, kinds) {
      const [found] = await inMongo(FINDINGS, 'aggregate', () =>
        findings
          .aggregate<{ identities: number; since: string | null }>(
            [
              { $match: { audit, kind: { $in: [...kinds] } } },
              { $group: { _id: '$identity', since: { $min: '$since' } } },
              { $group: { _id: null, identities: { $sum: 1 }, since: { $min: '$since' } } },
            ],
            { allowDiskUse: true },
          )
          .toArray(),
      )
      return { identities: found?.identities ?? 0, since: found?.since ?? null }
    },

    async toRepair(audit, by, after, limit) {
      if (by === 'workflow') {
        const next = await needingWorkflow(audit, after, limit)
        return repairsOf({ audit, identity: { $in: next } }, by, limit)
      }
      return repairsOf(within(audit, after), by, limit)
    },

    async conclude({ findings: _findings, auditId, ...rest }) {
      const document = { ...rest, expiresAt: until() }
      await inMongo(AUDITS, 'update', () =>
        audits.replaceOne({ _id: auditId }, document as never, { upsert: true }),
      )
    },

    async concluded(audit) {
      const found = await inMongo(AUDITS, 'find', () => audits.findOne({ _id: audit }))
      if (found === null) return null
      const { _id, expiresAt: _expiresAt, ...rest } = found
      return { ...rest, auditId: _id }
    },
  }
}

function within(audit: string, after: string | null): Filter<FindingDocument> {
  return { audit, ...(after === null ? {} : { identity: { $gt: after } }) }
}

function byOf({ repairs }: ToRepair): RepairBy {
  return repairs.every((repair) => repair === 'database') ? 'database' : 'workflow'
}

/** Any length of identity, and no character of it may end the range of another audit. */
function idOf(audit: string, { identity, kind }: Finding): string {
  return `${audit}/${createHash('sha256').update(`${identity}/${kind}`).digest('hex').slice(0, 32)}`
}

function findingOf({ identity, tenant, kind, since, evidence, repair }: FindingDocument): Finding {
  return { identity, tenant, kind, since, evidence, repair }
}
