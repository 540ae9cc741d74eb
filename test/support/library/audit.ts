import type { AuditRef, ScanOutcome } from '../../../src/activities/audit.ts'
import type { AuditAnswers } from '../../../src/activities/audit/answers.ts'
import { scanRunning } from '../../../src/activities/audit/scan-running.ts'
import { scanOutcome } from '../../../src/activities/audit/scope.ts'
import { withScanCursor } from '../../../src/activities/lib/scan-cursor.ts'
import type { CommonDeps } from '../../../src/worker/common-deps.ts'
import type { Library, Member, MembersPage } from './database.ts'
import { cardMissing, cardUnissued, cardUnowned } from './gaps.ts'

const PAGE = 1_000

type Deps = Pick<CommonDeps, 'signups' | 'findings' | 'running' | 'marks' | 'graceMs' | 'ignored'> & {
  readonly library: Pick<
    Library,
    | 'membersAfter'
    | 'newest'
    | 'withoutCard'
    | 'count'
    | 'issueReserved'
    | 'cardHolders'
    | 'unowned'
    | 'removeUnowned'
  >
}

/** The counts of the pages so far. */
interface Progress {
  readonly place: MembersPage['next']
  readonly due: number
  readonly lacking: number
  readonly young: number
  readonly ignored: number
  readonly inProgress: number
}

/**
 * Confirmed members without a card, and how they get it: by their signup, or by an insert where the front desk has
 * reserved its number. The cards of people who are no members are removed.
 */
export function createLibraryAudit(deps: Deps): AuditAnswers {
  const { library, signups } = deps
  return {
    system: 'library',
    tenants: ['-'],
    tenantOf: () => '-',
    batches: { database: 100, removal: 100, workflows: 8, workflowsAtMost: 32 },
    scanSteps: () => [
      { name: 'running', summary: 'List running signups' },
      { name: 'members', summary: 'Compare the members with the cards' },
      { name: 'cards', summary: 'Find cards without a member' },
    ],
    runScanStep(audit) {
      if (audit.step === 'running') return scanRunning(deps, audit)
      return audit.step === 'cards' ? scanCards(deps, audit) : scanMembers(deps, audit)
    },
    stillLacking: async (_, identities, _wait, by) =>
      new Set(await (by === 'remove' ? library.unowned(identities) : library.withoutCard(identities))),
    async repairInDatabase(people) {
      await library.issueReserved(people.map(({ identity }) => identity))
      return []
    },
    async remove(people) {
      await library.removeUnowned(people.map(({ identity }) => identity))
      return []
    },
    async startRepair({ identity, tenant }, reportTo) {
      await signups.notify({ tenant, identity, hint: 'retry', reportTo, urgency: 'bulk' })
    },
    otherRepair: () => Promise.resolve('none' as const),
    awaitOtherRepair: () => Promise.resolve(),
    deleteCopies: () => Promise.resolve({ all: true }),
    deleteLeftOvers: () => Promise.resolve(),
  }
}

async function scanMembers(deps: Deps, { auditId, scope, scheduled }: AuditRef): Promise<ScanOutcome> {
  const { library, findings, marks, signups, graceMs } = deps
  const ignored = new Set((await deps.ignored.list()).map(({ identity }) => identity))
  const newest = scope.last === null ? null : new Set(await library.newest(scope.last))
  const isInScope = ({ id, signedUpAt }: Member): boolean =>
    (scope.id === null || scope.id === id) &&
    (scope.since === null || signedUpAt >= new Date(scope.since)) &&
    (newest === null || newest.has(id))
  const idOf = ({ id }: Member): string => signups.workflowIdOf({ tenant: '-', identity: id })
  return withScanCursor<Progress, ScanOutcome>(
    { place: null, due: 0, lacking: 0, young: 0, ignored: 0, inProgress: 0 },
    async ({ cursor, saveCursor }) => {
      let progress = cursor
      for (let full = true; full;) {
        const { members, next } = await library.membersAfter(progress.place, PAGE)
        const inScope = members.filter((member) => member.confirmed && isInScope(member))
        // a member selected by identity is judged even when ignored
        const judged = inScope.filter(({ id }) => scope.id !== null || !ignored.has(id))
        const old = judged.filter(({ signedUpAt }) => Date.now() - signedUpAt.getTime() >= graceMs)
        const running = await marks.find(auditId, 'running', () => old.map(idOf))
        const due = old.filter((member) => !running.has(idOf(member)))
        const missing = new Set(await library.withoutCard(due.map(({ id }) => id)))
        const found = due.filter(({ id }) => missing.has(id))
        await findings.add(
          auditId,
          found.map(({ id, signedUpAt, reserved }) =>
            (reserved ? cardUnissued : cardMissing)({ identity: id, tenant: '-' }, signedUpAt),
          ),
          scheduled,
        )
        progress = {
          place: next,
          due: progress.due + due.length,
          lacking: progress.lacking + found.length,
          young: progress.young + judged.length - old.length,
          ignored: progress.ignored + inScope.length - judged.length,
          inProgress: progress.inProgress + old.length - due.length,
        }
        full = members.length === PAGE
        saveCursor(progress)
      }
      const { due, lacking, young, ignored: leftOut, inProgress } = progress
      const { members, cards } = await library.count()
      return scanOutcome({
        counts: { identities: members, members, cards },
        records: { cards: { have: due - lacking, due } },
        young,
        ignored: leftOut,
        inProgress,
      })
    },
  )
}

async function scanCards(deps: Deps, { auditId, scope, scheduled }: AuditRef): Promise<ScanOutcome> {
  const { library, findings } = deps
  if (scope.last !== null || scope.since !== null) return scanOutcome() // they select members
  return withScanCursor<{ after: string }, ScanOutcome>({ after: '' }, async ({ cursor, saveCursor }) => {
    let { after } = cursor
    for (let full = true; full;) {
      const holders = scope.id === null ? await library.cardHolders(after, PAGE) : [scope.id]
      const unowned = await library.unowned(holders)
      const found = unowned.map((identity) => cardUnowned({ identity, tenant: '-' }))
      await findings.add(auditId, found, scheduled)
      after = holders.at(-1) ?? after
      full = holders.length === PAGE
      saveCursor({ after })
    }
    return scanOutcome()
  })
}
