import type { IdRange } from '../../../state/mongo/lib/id-range.ts'
import type { PersonColumns } from '../../../contracts/atproto/audit.ts'
import type { PersonRow } from '../../../contracts/audit.ts'
import type { Finding } from '../../../contracts/gaps.ts'
import {
  recordsToRemember,
  dueRecords,
  gapsOf,
  eligibilityOf,
  type GapRules,
  type PersonFacts,
  type Eligibility,
} from '../../../domain/atproto/gap-rules.ts'
import { isProbe } from '../../../domain/atproto/probe.ts'
import { lookUpMissing, type LookUpDeps } from './look-up-missing.ts'
import { loadPersonFacts, type PersonFactsOptions } from './person-facts.ts'
import { isSmallScope, isFullScope, scanOutcome } from '../../audit/scope.ts'
import { writeFindings, type WriteFindingsDeps } from './write-findings.ts'
import type { AuditRef, ScanOutcome } from '../../audit.ts'
import { readAhead } from '../../lib/read-ahead.ts'
import { withScanCursor } from '../../lib/scan-cursor.ts'
import type { Ignored } from '../../../state/ports/ignored.ts'

const PAGE = 2_000
/** Most people missing from Auth0's list who are looked up by id in one audit. */
const LOOK_UPS = 1_000

export interface GapRulesDeps {
  /** People who signed up, or got an account, within this time are not judged. */
  readonly graceMs: number
  /** Days for which a signup may wait for its verified e-mail. */
  readonly waitDays: number
  readonly handleDomain: string
}

export interface PeopleScanDeps extends LookUpDeps, WriteFindingsDeps, GapRulesDeps {
  readonly ignored: Ignored
}

interface PeopleCursor {
  readonly after: string
  readonly lookUps: number
  /** People with records for whom no look-up was left. */
  readonly unconfirmed: number
  readonly ignored: number
  /** People whose only gap is that they never verified: no action is needed, so they are counted and not named. */
  readonly neverVerified: number
  /** The only person in scope is unknown to the provider and to every store. */
  readonly unknown: boolean
  readonly young: number
  readonly inProgress: number
  readonly records: ScanOutcome['records']
}

export function createGapRules({ graceMs, waitDays, handleDomain }: GapRulesDeps): GapRules {
  return { now: new Date(), graceMs, waitMs: waitDays * 24 * 3_600_000, handleDomain }
}

/** Joins the stores by ranges of identities, in an order for which each of them has an index. */
export async function scanPeople(deps: PeopleScanDeps, audit: AuditRef): Promise<ScanOutcome> {
  const { auditId, scope } = audit
  const { auditSnapshot, applicationRecords } = deps
  const rules = createGapRules(deps)
  if (scope.last !== null) await auditSnapshot.keepNewest(auditId, scope.last)
  const beginning: PeopleCursor = {
    after: '',
    lookUps: 0,
    unconfirmed: 0,
    ignored: 0,
    neverVerified: 0,
    unknown: false,
    young: 0,
    inProgress: 0,
    records: {},
  }
  const ignored = new Set((await deps.ignored.list()).map(({ identity }) => identity))
  // A person selected by identity is judged even when ignored.
  const isIgnored = ({ identity }: PersonFacts): boolean => scope.id === null && ignored.has(identity)

  const isStanding = (standing: Eligibility) => (person: PersonFacts) =>
    eligibilityOf(person, rules) === standing

  return withScanCursor(beginning, async (scan) => {
    let cursor = scan.cursor
    const accounts = isSmallScope(scope) ? 'closely' : 'listed'
    const options: PersonFactsOptions = { auditId, accounts, waitOutRateLimits: scan.waitOutRateLimits }
    const read = async (after: string) => {
      const range = await nextRange(deps, audit, after)
      const which = isFullScope(scope) ? range : await listedIn(deps, audit, range)
      const facts = await loadPersonFacts(deps, which, options)
      return { facts, upTo: range.upTo }
    }
    for await (const { facts, upTo } of readAhead(cursor.after, read, (page) => page.upTo)) {
      const theirs = facts.filter(
        ({ tenant, identity }) =>
          (scope.tenant === null || tenant === scope.tenant) && (scope.id !== null || !isProbe(identity)),
      )
      const here = theirs.filter(({ deletedAt }) => deletedAt === null)
      const judged = here.filter((person) => !isIgnored(person))
      const confirmed = await lookUpMissing(deps, judged, LOOK_UPS - cursor.lookUps, options)
      const close = isSmallScope(scope)
      await rememberAgreement(deps, confirmed.people, rules)
      const gaps = confirmed.people.map((person) => ({ person, findings: gapsOf(person, rules) }))
      await writeFindings(deps, audit, [
        ...gaps.map(({ person, findings }) => ({
          person,
          findings: isNeverVerified(findings) ? [] : findings,
          row: close ? rowOf(person, rules) : null,
        })),
        ...here.filter(isIgnored).map((person) => ({
          person,
          findings: [],
          row: close ? { ...rowOf(person, rules), state: 'ignored' } : null,
        })),
      ])
      // A deleted person is not unknown: their tombstone shows the deletion.
      if (
        scope.id !== null &&
        here.length === theirs.length &&
        confirmed.people.every((one) => rowOf(one, rules).state === 'unknown')
      )
        cursor = { ...cursor, unknown: true }
      cursor = {
        ...cursor,
        after: upTo ?? cursor.after,
        lookUps: cursor.lookUps + confirmed.lookUps,
        unconfirmed: cursor.unconfirmed + confirmed.notLookedUp,
        ignored: cursor.ignored + here.length - judged.length,
        neverVerified: cursor.neverVerified + gaps.filter(({ findings }) => isNeverVerified(findings)).length,
        records: addRecordCounts(cursor.records, confirmed.people, rules),
        young: cursor.young + confirmed.people.filter(isStanding('young')).length,
        inProgress: cursor.inProgress + confirmed.people.filter(isStanding('in-progress')).length,
      }
      if (upTo !== null) scan.saveCursor(cursor)
    }
    const { probeAccounts, ...inStores } = await applicationRecords.counts()
    const counts = { ...inStores, accounts: -probeAccounts } // subtracted from the accounts that the PDS listed
    const { records, ignored: leftOut, neverVerified, young, inProgress } = cursor
    const counted = { 'unverified-too-long': neverVerified }
    return scanOutcome({
      counts,
      records,
      ignored: leftOut,
      young,
      inProgress,
      counted,
      notices: noticesOf(cursor),
    })
  })
}

function isNeverVerified(gaps: readonly Finding[]): boolean {
  return gaps.length === 1 && gaps[0]?.kind === 'unverified-too-long'
}

function noticesOf({ unconfirmed, unknown }: PeopleCursor): string[] {
  if (unknown) return ['No person has this identity: neither the provider nor any store knows it.']
  if (unconfirmed === 0) return []
  return [
    `${unconfirmed} more people with records are missing from Auth0's list and were not looked up by id: more than ${LOOK_UPS} are missing. Check whether that list is complete.`,
  ]
}

/** The next page ends where the store with the most documents reaches the page size, so that no page is larger. */
async function nextRange(
  { auditSnapshot, applicationRecords }: Pick<PeopleScanDeps, 'auditSnapshot' | 'applicationRecords'>,
  { auditId, scope }: AuditRef,
  after: string,
): Promise<IdRange> {
  const listed = await auditSnapshot.rangeEnd(auditId, after, PAGE)
  const bounds = isFullScope(scope)
    ? [...listed, ...(await applicationRecords.rangeEnds(after, PAGE))]
    : listed
  const [upTo = null] = bounds.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return { after, upTo }
}

/** The identities of an audit of some people: those the provider listed, or the one selected. */
async function listedIn(
  { auditSnapshot }: Pick<PeopleScanDeps, 'auditSnapshot'>,
  { auditId, scope }: AuditRef,
  range: IdRange,
) {
  if (scope.id !== null) return [scope.id]
  return [...(await auditSnapshot.identities(auditId, range)).keys()]
}

function addRecordCounts(
  before: ScanOutcome['records'],
  people: readonly PersonFacts[],
  rules: GapRules,
): ScanOutcome['records'] {
  const records = Object.fromEntries(Object.entries(before).map(([name, count]) => [name, { ...count }]))
  for (const person of people) {
    for (const [name, there] of Object.entries(dueRecords(person, rules))) {
      const count = (records[name] ??= { have: 0, due: 0 })
      if (there !== null) count.due += 1
      if (there === true) count.have += 1
    }
  }
  return records
}

function rowOf(facts: PersonFacts, rules: GapRules): PersonRow & PersonColumns {
  const { identity, tenant, provider, verifications, user, chosenHandle, account } = facts
  const standing = eligibilityOf(facts, rules)
  const kinds = gapsOf(facts, rules).map(({ kind }) => kind)
  return {
    identity,
    tenant,
    verified: provider?.verified ?? false,
    signedUpAt: provider?.createdAt.toISOString() ?? null,
    verifications,
    user: user !== null,
    code: typeof user?.code === 'string' ? user.code : null,
    handle: account?.handle ?? user?.handle ?? chosenHandle,
    chosen: chosenHandle,
    did: user?.did ?? null,
    reachable: user?.did ? account?.state === 'active' : null,
    state: standing === 'judged' ? kinds.join(', ') || (provider === null ? 'unknown' : 'healthy') : standing,
  }
}

/**
 * Remembers records that agree in all stores, so that they can be restored when the application loses them: those of
 * people from before Holdfast, and later changes. Nothing is stored about a deleted person; data about one who is
 * deleted in the meantime is deleted again.
 */
export async function rememberAgreement(
  { personMemory, tombstones }: Pick<PeopleScanDeps, 'personMemory' | 'tombstones'>,
  judged: readonly PersonFacts[],
  rules: GapRules,
): Promise<void> {
  const inAgreement = judged.flatMap((person) => {
    const now = recordsToRemember(person, rules)
    return now === null ? [] : [{ identity: person.identity, ...now }]
  })
  if (inAgreement.length === 0) return
  const deleted = await tombstones.findAll(inAgreement.map(({ identity }) => identity))
  const known = inAgreement.filter(({ identity }) => !deleted.has(identity))
  if (known.length === 0) return
  await personMemory.rememberAll(known)
  await personMemory.forget([...(await tombstones.findAll(known.map(({ identity }) => identity))).keys()])
}
