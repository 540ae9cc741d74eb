import type { IdRange } from '../adapters/mongo/stores.ts'
import type { PersonRow } from '../contracts/audit.ts'
import {
  dueRecords,
  gapsOf,
  standingOf,
  unownedAccount,
  type JudgeRules,
  type PersonFacts,
} from '../domain/judge.ts'
import { isProbe } from '../domain/probe.ts'
import { confirm } from './atproto-confirm.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { gather, type GatherOptions } from './atproto-gather.ts'
import { isClose, isWhole, outcome } from './atproto-scope.ts'
import type { AuditRef, ScanOutcome } from './find-and-repair.ts'
import { readAhead } from './lib/read-ahead.ts'
import { scanning } from './lib/scan-cursor.ts'

const SYSTEM = 'atproto'
const PAGE = 2_000
/** Read in one pass over the users, each of which costs seconds in a million. */
const DIDS = 100_000
/** People missing from Auth0's list who are looked up by id, in one audit. */
const LOOK_UPS = 1_000

interface PeopleCursor {
  readonly after: string
  readonly lookUps: number
  /** People with records whom there was no look-up left for. */
  readonly unconfirmed: number
  readonly ignored: number
  readonly records: ScanOutcome['records']
}

export function rulesOf({ graceMs, waitDays, handleDomain }: AtprotoDeps): JudgeRules {
  return { now: new Date(), graceMs, waitMs: waitDays * 24 * 3_600_000, handleDomain }
}

/** Joins the stores range by range of identities, in the order every one of them has an index for. */
export async function scanPeople(deps: AtprotoDeps, audit: AuditRef): Promise<ScanOutcome> {
  const { auditId, scope } = audit
  const { audits, findings, stores } = deps
  const rules = rulesOf(deps)
  if (scope.last !== null) await audits.trim(auditId, scope.last)
  const beginning: PeopleCursor = { after: '', lookUps: 0, unconfirmed: 0, ignored: 0, records: {} }
  const ignored = new Set((await deps.ignored.list(SYSTEM)).map(({ identity }) => identity))
  // Whoever is asked for by name is wanted all the same.
  const isIgnored = ({ identity }: PersonFacts): boolean => scope.id === null && ignored.has(identity)

  return scanning(beginning, async (scan) => {
    let cursor = scan.cursor
    const accounts = isClose(scope) ? 'closely' : 'listed'
    const options: GatherOptions = { auditId, accounts, patiently: scan.patiently }
    const read = async (after: string) => {
      const range = await nextRange(deps, audit, after)
      const which = isWhole(scope) ? range : await listedIn(deps, audit, range)
      const facts = await gather(deps, which, options)
      return { facts, upTo: range.upTo }
    }
    for await (const { facts, upTo } of readAhead(cursor.after, read, (page) => page.upTo)) {
      const theirs = facts.filter(
        ({ tenant, identity }) =>
          (scope.tenant === null || tenant === scope.tenant) && (scope.id !== null || !isProbe(identity)),
      )
      const judged = theirs.filter((person) => !isIgnored(person))
      const confirmed = await confirm(deps, judged, LOOK_UPS - cursor.lookUps, options)
      await findings.add(
        auditId,
        confirmed.people.flatMap((person) => gapsOf(person, rules)),
      )
      if (isClose(scope))
        await findings.addPeople(auditId, [
          ...confirmed.people.map((one) => rowOf(one, rules)),
          ...theirs.filter(isIgnored).map((one) => ({ ...rowOf(one, rules), state: 'ignored' })),
        ])
      cursor = {
        after: upTo ?? cursor.after,
        lookUps: cursor.lookUps + confirmed.lookUps,
        unconfirmed: cursor.unconfirmed + confirmed.left,
        ignored: cursor.ignored + theirs.length - judged.length,
        records: tally(cursor.records, confirmed.people),
      }
      if (upTo !== null) scan.reached(cursor)
    }
    const { probeAccounts, ...counted } = await stores.counts()
    const counts = { ...counted, accounts: -probeAccounts } // taken off what the PDS listed
    return outcome({ counts, records: cursor.records, ignored: cursor.ignored, notices: noticesOf(cursor) })
  })
}

function noticesOf({ unconfirmed }: PeopleCursor): string[] {
  if (unconfirmed === 0) return []
  return [
    `${unconfirmed} more people with records are missing from Auth0's list and were not looked up by id: more than ${LOOK_UPS} are missing. Look at whether that list is whole.`,
  ]
}

/** The next page ends where the store with the most in it has had its fill, so that none can be larger. */
async function nextRange(
  { audits, stores }: AtprotoDeps,
  { auditId, scope }: AuditRef,
  after: string,
): Promise<IdRange> {
  const listed = await audits.bounds(auditId, after, PAGE)
  const bounds = isWhole(scope) ? [...listed, ...(await stores.bounds(after, PAGE))] : listed
  const [upTo = null] = bounds.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return { after, upTo }
}

/** Whom a look at some people is about: those the provider listed, and the one asked for. */
async function listedIn({ audits }: AtprotoDeps, { auditId, scope }: AuditRef, range: IdRange) {
  if (scope.id !== null) return [scope.id]
  return [...(await audits.identities(auditId, range)).keys()]
}

function tally(before: ScanOutcome['records'], people: readonly PersonFacts[]): ScanOutcome['records'] {
  const records = Object.fromEntries(Object.entries(before).map(([name, count]) => [name, { ...count }]))
  for (const person of people) {
    for (const [name, there] of Object.entries(dueRecords(person))) {
      const count = (records[name] ??= { have: 0, due: 0 })
      if (there !== null) count.due += 1
      if (there === true) count.have += 1
    }
  }
  return records
}

function rowOf(facts: PersonFacts, rules: JudgeRules): PersonRow {
  const { identity, tenant, provider, verifications, user, chosen, account } = facts
  const standing = standingOf(facts, rules)
  const kinds = gapsOf(facts, rules).map(({ kind }) => kind)
  return {
    identity,
    tenant,
    verified: provider?.verified ?? false,
    signedUpAt: provider?.createdAt.toISOString() ?? null,
    verifications,
    user: user !== null,
    code: typeof user?.code === 'string' ? user.code : null,
    handle: account?.handle ?? user?.handle ?? chosen,
    did: user?.did ?? null,
    reachable: user?.did ? account?.state === 'active' : null,
    state: standing === 'judged' ? kinds.join(', ') || 'healthy' : standing,
  }
}

/** Accounts that no user record names: both in order of DID, walked side by side. */
export function scanUnowned(deps: AtprotoDeps, { auditId }: AuditRef): Promise<ScanOutcome> {
  const { audits, findings } = deps
  const rules = rulesOf(deps)
  return scanning({ after: '' }, async ({ cursor, reached }) => {
    const unnamed = unnamedDids(deps, cursor.after)
    const read = (after: string) => audits.dids(auditId, after, PAGE)
    const next = (page: readonly string[]) => (page.length < PAGE ? null : (page.at(-1) ?? null))
    for await (const page of readAhead(cursor.after, read, next)) {
      const accounts = await audits.accounts(auditId, await unnamed(page))
      const found = [...accounts.values()].map((account) => unownedAccount(account, rules))
      await findings.add(
        auditId,
        found.filter((finding) => finding !== null),
      )
      const after = next(page)
      if (after !== null) reached({ after })
    }
    return outcome()
  })
}

/** Of DIDs that come in order, page by page, those that no user record names. */
function unnamedDids({ stores }: AtprotoDeps, after: string): (dids: readonly string[]) => Promise<string[]> {
  let named: readonly string[] = []
  let reached = 0
  let last = after
  let more = true
  return async (dids) => {
    const unnamed: string[] = []
    for (const did of dids) {
      for (;;) {
        while (reached < named.length && (named[reached] ?? '') < did) reached += 1
        if (reached < named.length || !more) break
        named = await stores.dids(last, DIDS)
        reached = 0
        last = named.at(-1) ?? last
        more = named.length === DIDS
      }
      if (named[reached] !== did) unnamed.push(did)
    }
    return unnamed
  }
}
