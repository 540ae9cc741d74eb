import { createHash } from 'node:crypto'
import type { Db, Document, Filter, FindCursor } from 'mongodb'
import type { AuditCounts, AuditResult, PersonRow } from '../../../contracts/audit.ts'
import type { RepairBy } from '../../../contracts/backfill.ts'
import type { Finding, Gap, RepairMethod } from '../../../contracts/gaps.ts'
import type { PersonRef, System } from '../../../contracts/systems.ts'
import { memoizeSuccess } from '../../../adapters/mongo/lib/memoize-success.ts'
import { deleteBatch } from '../../../adapters/mongo/lib/delete-batch.ts'
import { createExpiry } from '../../../adapters/mongo/lib/expiry.ts'
import { callMongo } from '../../../adapters/mongo/lib/errors.ts'
import { ownDocuments } from '../lib/own-documents.ts'
import { repairWayOf } from '../../../domain/gaps.ts'
import type { AuditFindings, PersonToRepair } from '../../ports/audit-findings.ts'

const AUDITS = 'holdfast_audits'
const FINDINGS = 'holdfast_audit_findings'
const PEOPLE = 'holdfast_audit_people'
const KEEP_MS = 30 * 24 * 3_600_000
/** The number of scheduled audits whose findings are kept. */
const KEPT = 2
const PAGE = 1_000

interface AuditDocument extends Omit<AuditResult, 'findings' | 'auditId'> {
  _id: string
  scheduled?: true
  expiresAt: Date
}

interface FindingDocument extends Omit<Finding, 'system'> {
  _id: string
  audit: string
  /** Missing in documents of earlier versions. */
  system?: System | null
  /** Set for an audit that a schedule started. */
  scheduled?: true
  expiresAt: Date
}

/** A row with these fields beside its columns, none of which has one of their names. */
interface PersonDocument extends Pick<PersonRow, 'identity' | 'tenant' | 'state'> {
  _id: string
  audit: string
  /** Missing in documents of earlier versions. */
  system?: System | null
  expiresAt: Date
}

/** The findings of audits, for as long as they are kept: `holdfast_audits` and its related collections. */
export function createAuditFindings(db: Db, system: System): AuditFindings {
  const { own } = ownDocuments(system)
  const findingOf = ({ identity, tenant, kind, since, evidence, repair }: FindingDocument): Finding => ({
    system,
    identity,
    tenant,
    kind,
    since,
    evidence,
    repair,
  })
  const audits = db.collection<AuditDocument>(AUDITS)
  const findings = db.collection<FindingDocument>(FINDINGS)
  const people = db.collection<PersonDocument>(PEOPLE)
  const expiries = [createExpiry(audits), createExpiry(findings), createExpiry(people)]
  const expire = () => Promise.all(expiries.map((one) => one()))
  const until = (): Date => new Date(Date.now() + KEEP_MS)
  const index = memoizeSuccess(() => findings.createIndex({ audit: 1, identity: 1, kind: 1 }))

  const upserts = <T extends { _id: string }>(documents: readonly T[]) =>
    documents.map(({ _id, ...rest }) => ({
      replaceOne: { filter: { _id }, replacement: rest, upsert: true },
    }))

  /**
   * The next page of people whom changes in the database alone do not repair: the server filters out the others,
   * however many lie between.
   */
  const needingWorkflow = (audit: string, after: string | null, limit: number): Promise<string[]> =>
    callMongo(FINDINGS, 'find', async () => {
      const cursor = findings
        .find({ ...within(audit, after), repair: { $nin: [null, 'database', 'remove'] } })
        .project<{ identity: string }>({ identity: 1 })
        .sort({ identity: 1, kind: 1 })
        .batchSize(limit * 4) // a person may have several findings
      const found = new Set<string>()
      for await (const { identity } of cursor) {
        if (found.size === limit && !found.has(identity)) break
        found.add(identity)
      }
      return [...found]
    })

  const repairsOf = (
    filter: Filter<FindingDocument>,
    by: RepairBy,
    limit: number,
  ): Promise<PersonToRepair[]> =>
    callMongo(FINDINGS, 'find', async () => {
      const cursor = findings
        .find({ ...filter, repair: { $ne: null } })
        .sort({ identity: 1, kind: 1 })
        .batchSize(PAGE)
      const found: PersonToRepair[] = []
      let person = null as PersonToRepair | null
      for await (const { identity, tenant, since, repair } of cursor) {
        if (person !== null && identity !== person.identity) {
          if (repairWayOf(person.repairs) === by) found.push(person)
          if (found.length === limit) return found
          person = null
        }
        const repairs: RepairMethod[] = [...(person?.repairs ?? []), ...(repair === null ? [] : [repair])]
        person = { identity, tenant, since, repairs }
      }
      if (person !== null && repairWayOf(person.repairs) === by) found.push(person)
      return found
    })

  return {
    async add(audit, found, scheduled = false) {
      if (found.length === 0) return
      const common = { system, audit, expiresAt: until(), ...(scheduled ? { scheduled } : {}) }
      const documents = found.map((finding) => ({ _id: idOf(audit, finding), ...finding, ...common }))
      await callMongo(FINDINGS, 'update', async () => {
        await expire()
        await index()
        await findings.bulkWrite(upserts(documents) as never, { ordered: false })
      })
    },

    async addPeople(audit, rows) {
      if (rows.length === 0) return
      const expiresAt = until()
      const documents = rows.map((row) => ({
        _id: `${audit}/${row.identity}`,
        audit,
        system,
        ...row,
        expiresAt,
      }))
      await callMongo(PEOPLE, 'update', async () => {
        await expire()
        await people.bulkWrite(upserts(documents) as never, { ordered: false })
      })
    },

    async *iterate(audit) {
      const cursor = findings.find({ audit }).sort({ identity: 1, kind: 1 }).batchSize(PAGE)
      for await (const document of documentsOf(FINDINGS, cursor)) yield findingOf(document)
    },

    async first(audit, limit) {
      const found = await callMongo(FINDINGS, 'find', () =>
        findings.find({ audit }).sort({ identity: 1, kind: 1 }).limit(limit).toArray(),
      )
      return found.map(findingOf)
    },

    async ofPeople(audit, identities, kinds) {
      const which = { audit, identity: { $in: [...identities] }, kind: { $in: [...kinds] } }
      const found = await callMongo(FINDINGS, 'find', () => findings.find(which).toArray())
      return found.map(findingOf)
    },

    async *iteratePeople(audit) {
      const cursor = people
        .find({ _id: { $gt: `${audit}/`, $lt: `${audit}0` } })
        .sort({ signedUpAt: -1, _id: 1 })
        .batchSize(PAGE)
      for await (const { _id, audit: _audit, system: _system, expiresAt: _expiresAt, ...row } of documentsOf(
        PEOPLE,
        cursor,
      ))
        yield row
    },

    async counts(audit) {
      const found = await callMongo(FINDINGS, 'aggregate', () =>
        findings
          .aggregate<{
            _id: Gap
            count: number
          }>([{ $match: { audit } }, { $group: { _id: '$kind', count: { $sum: 1 } } }, { $sort: { _id: 1 } }])
          .toArray(),
      )
      return Object.fromEntries(found.map(({ _id, count }) => [_id, count]))
    },

    async affected(audit, kinds, { except, exceptOf } = { except: [], exceptOf: [] }) {
      const matched = {
        $match: {
          audit,
          kind: { $in: [...kinds] },
          $nor: [{ kind: { $in: [...exceptOf] }, identity: { $in: [...except] } }],
        },
      }
      const [affected, byKind] = await callMongo(FINDINGS, 'aggregate', () =>
        Promise.all([
          findings
            .aggregate<{ identities: number; since: string | null }>(
              [
                matched,
                { $group: { _id: '$identity', since: { $min: '$since' } } },
                { $group: { _id: null, identities: { $sum: 1 }, since: { $min: '$since' } } },
              ],
              { allowDiskUse: true },
            )
            .toArray(),
          findings
            .aggregate<{ _id: Gap; count: number }>([
              matched,
              { $group: { _id: '$kind', count: { $sum: 1 } } },
              { $sort: { _id: 1 } },
            ])
            .toArray(),
        ]),
      )
      return {
        identities: affected[0]?.identities ?? 0,
        kinds: Object.fromEntries(byKind.map(({ _id, count }) => [_id, count])),
        since: affected[0]?.since ?? null,
      }
    },

    identitiesOf: (audit, kinds, matches) =>
      callMongo(FINDINGS, 'find', async () => {
        const cursor = findings
          .find({ audit, kind: { $in: [...kinds] } })
          .project<PersonRef>({ _id: 0, identity: 1, tenant: 1 })
          .batchSize(PAGE)
        const found = new Set<string>()
        for await (const person of cursor) if (matches(person)) found.add(person.identity)
        return [...found]
      }),

    async latestFullAudit() {
      const everybody = { 'scope.tenant': null, 'scope.last': null, 'scope.since': null, 'scope.id': null }
      const found = await callMongo(AUDITS, 'find', () =>
        audits.findOne({ system, ...everybody }, { sort: { at: -1 }, projection: { _id: 1 } }),
      )
      return found?._id ?? null
    },

    async peopleToRepair(audit, by, after, limit) {
      if (by === 'workflow') {
        const next = await needingWorkflow(audit, after, limit)
        return repairsOf({ audit, identity: { $in: next } }, by, limit)
      }
      return repairsOf(within(audit, after), by, limit)
    },

    async saveResult({ findings: _findings, auditId, ...rest }, scheduled = false) {
      const document = { ...rest, ...(scheduled ? { scheduled } : {}), expiresAt: until() }
      await callMongo(AUDITS, 'update', () =>
        audits.replaceOne({ _id: auditId }, document as never, { upsert: true }),
      )
    },

    async deleteOld() {
      const latest = await callMongo(AUDITS, 'find', () =>
        audits
          .find({ system, scheduled: true }, { projection: { _id: 1 } })
          .sort({ at: -1 })
          .limit(KEPT)
          .toArray(),
      )
      const kept = new Set(latest.map(({ _id }) => _id))
      // Audits are found by their findings, since an audit that failed has no stored result.
      const present = await callMongo(FINDINGS, 'distinct', () => findings.distinct('audit'))
      for (const audit of present) {
        if (kept.has(audit)) continue
        const one = await callMongo(FINDINGS, 'find', () =>
          findings.findOne({ audit, scheduled: true, ...own }),
        )
        if (one !== null && !(await deleteBatch(findings, audit))) return { all: false }
      }
      return { all: true }
    },

    countsBetween: (since, before) =>
      callMongo(AUDITS, 'find', () =>
        audits
          .find({ system, at: { $gt: since, $lt: before } })
          .project<{ at: string; counts: AuditCounts }>({ _id: 0, at: 1, counts: 1 })
          .toArray(),
      ),

    async loadResult(audit) {
      const found = await callMongo(AUDITS, 'find', () => audits.findOne({ _id: audit, system }))
      if (found === null) return null
      const { _id, expiresAt: _expiresAt, scheduled: _scheduled, ...rest } = found
      return { ...rest, auditId: _id }
    },
  }
}

function within(audit: string, after: string | null): Filter<FindingDocument> {
  return { audit, ...(after === null ? {} : { identity: { $gt: after } }) }
}

/** The documents of a cursor one by one; a page that cannot be fetched fails with the problem of the database. */
async function* documentsOf<T extends Document>(
  collection: string,
  cursor: FindCursor<T>,
): AsyncGenerator<T> {
  try {
    for (;;) {
      const next = await callMongo(collection, 'find', () => cursor.next())
      if (next === null) return
      yield next
    }
  } finally {
    await cursor.close()
  }
}

/** Hashed, so that an identity may have any length, and none of its characters can end the range of another audit. */
function idOf(audit: string, { identity, kind }: Finding): string {
  return `${audit}/${createHash('sha256').update(`${identity}/${kind}`).digest('hex').slice(0, 32)}`
}
