import { Context } from '@temporalio/activity'
import pMap from 'p-map'
import type { CodeIndex } from '../../../adapters/mongo/code-index.ts'
import type { Users } from '../../../adapters/mongo/users.ts'
import type { AuditFindings, RepairBy, PersonToRepair } from '../../../state/mongo/audit/findings.ts'
import type { RepairReport } from '../../../contracts/backfill.ts'
import type { HandleSyncStatus } from '../../../contracts/atproto/handle-sync.ts'
import type { Stage } from '../../../contracts/stages.ts'
import { gapsOf, type GapRules, type PersonFacts } from '../../../domain/atproto/gap-rules.ts'
import { shellQuoted } from '../../../contracts/text/shell.ts'
import { lookUpMissing, type LookUpDeps } from './look-up-missing.ts'
import type { HandleSyncs } from '../../../client/atproto/handle-syncs.ts'
import type { RunningSignups } from '../../../client/running-signups.ts'
import type { SignupReader } from '../../../client/signup-reader.ts'
import type { SafetyLimits } from '../../../state/mongo/safety-limits.ts'
import { loadPersonFacts, type PersonFactsOptions } from './person-facts.ts'
import { createGapRules, type GapRulesDeps } from './scan-people.ts'
import type { AuditActivities } from '../../audit.ts'
import { withScanCursor, type Scan } from '../../lib/scan-cursor.ts'

/** People repaired by one bulk of statements. */
const AT_ONCE = 200
const LOOKS_AT_ONCE = 4
const PAGE = 1_000
const HANDLE_LOOK_MS = 1_000
const HANDLE_LOOKS = 60

export interface RepairDeps extends LookUpDeps, GapRulesDeps {
  readonly findings: AuditFindings
  readonly users: Users
  readonly codeIndex: CodeIndex
  readonly handleSyncs: HandleSyncs
  readonly running: RunningSignups
  readonly signupStatus: SignupReader['status']
  readonly safetyLimits: SafetyLimits
}

type Repairs = Pick<AuditActivities, 'repairInDatabase' | 'startRepairs' | 'pollRepairs' | 'verifyRepairs'>

export function createRepairActivities(deps: RepairDeps): Repairs {
  const { findings, users, codeIndex, signups, handleSyncs, signupStatus, running } = deps

  /**
   * Starts a person's repair. The handle sync reports where only the handle is repaired; otherwise the signup does,
   * which may still have to create the account.
   */
  const startRepair = async (
    { identity, tenant, repairs }: PersonToRepair,
    reportTo: string,
  ): Promise<void> => {
    const onlyHandle = repairs.every((repair) => repair === 'handle')
    if (repairs.includes('handle'))
      await handleSyncs.requestSync({ identity, tenant, reportTo: onlyHandle ? reportTo : undefined })
    if (!onlyHandle) await signups.notify({ identity, tenant, hint: 'retry', urgency: 'bulk', reportTo })
  }

  /**
   * Waits for a handle sync that is still running after the signup reported; one that has a problem is not waited for.
   */
  const waitForHandleSync = async ({ identity, tenant }: PersonToRepair): Promise<void> => {
    for (let look = 0; look < HANDLE_LOOKS; look += 1) {
      const sync = await handleSyncs.status({ identity, tenant })
      if (!isRunning(sync) || sync?.problem !== null) return
      await Context.current().sleep(HANDLE_LOOK_MS)
    }
  }

  /** Exempts people from the limit of automatic repairs, since an operator requested these. */
  const exemptFromLimit = (people: readonly PersonToRepair[]): Promise<void> =>
    deps.safetyLimits.allow(
      'repairs',
      people.map(({ identity }) => deps.addressHash(identity)),
    )

  /** The people for whom Holdfast could still repair something, whether or not a workflow of theirs is running. */
  const stillLacking = async (
    auditId: string,
    identities: readonly string[],
    waitOutRateLimits: Scan<unknown>['waitOutRateLimits'],
  ): Promise<Set<string>> => {
    const rules: GapRules = { ...createGapRules(deps), graceMs: 0 }
    const options: PersonFactsOptions = { auditId, accounts: 'now', waitOutRateLimits }
    const found = await loadPersonFacts(deps, identities, options)
    // After a pause of days the audit's copies have expired: the provider is queried by id.
    const { people } = await lookUpMissing(deps, found, identities.length, options)
    const lacks = (person: PersonFacts): boolean =>
      gapsOf({ ...person, inProgress: false }, rules).some(({ repair }) => repair !== null)
    return new Set(people.filter(lacks).map(({ identity }) => identity))
  }

  return {
    async repairInDatabase({ auditId, after }) {
      const people = await findings.peopleToRepair(auditId, 'database', after, AT_ONCE)
      if (people.length > 0) {
        await exemptFromLimit(people)
        await users.fillIn(
          people.map(({ identity, since }) => ({ identity, signedUpAt: new Date(since ?? Date.now()) })),
          await codeIndex.ensureUnique(),
        )
      }
      return {
        people: people.length,
        next: people.length < AT_ONCE ? null : (people.at(-1)?.identity ?? null),
      }
    },

    async startRepairs({ auditId, after, limit, reportTo }) {
      const people = await findings.peopleToRepair(auditId, 'workflow', after, limit)
      await exemptFromLimit(people)
      await Promise.all(people.map((person) => startRepair(person, reportTo)))
      return people.map(({ identity }) => identity)
    },

    pollRepairs: ({ auditId, identities }) =>
      withScanCursor({}, async ({ waitOutRateLimits }) => {
        const lacking = await stillLacking(auditId, identities, waitOutRateLimits)
        const reports = await pMap(
          identities,
          async (identity): Promise<RepairReport | null> => {
            if (!lacking.has(identity)) return done(identity)
            const tenant = deps.ownerOf(identity)?.name ?? '-'
            const workflowId = signups.workflowIdOf({ tenant, identity })
            const [status, runs, sync] = await Promise.all([
              signupStatus(workflowId),
              running.isRunning(workflowId),
              handleSyncs.status({ tenant, identity }),
            ])
            if (runs && status !== null && status.problem === null) return null
            if (isRunning(sync) && sync?.problem === null) return null
            const { sentence, fix, name } =
              status?.problem ?? sync?.problem ?? whatEnded(identity, status?.stage, sync)
            return { identity, outcome: 'failed', problem: name, sentence, fix }
          },
          { concurrency: LOOKS_AT_ONCE },
        )
        return reports.filter((report) => report !== null)
      }),

    verifyRepairs: ({ auditId }) =>
      withScanCursor({}, async ({ saveCursor, waitOutRateLimits }) => {
        let verified = 0
        for (const by of ['database', 'workflow'] satisfies RepairBy[]) {
          let after: string | null = null
          let full = true
          while (full) {
            const people: PersonToRepair[] = await findings.peopleToRepair(auditId, by, after, PAGE)
            await pMap(people.filter(isBoth), waitForHandleSync, { concurrency: LOOKS_AT_ONCE })
            const identities = people.map(({ identity }) => identity)
            verified += people.length - (await stillLacking(auditId, identities, waitOutRateLimits)).size
            after = identities.at(-1) ?? null
            full = people.length === PAGE
            saveCursor({})
          }
        }
        return { verified }
      }),
  }
}

function isBoth({ repairs }: PersonToRepair): boolean {
  return repairs.includes('handle') && repairs.some((repair) => repair !== 'handle')
}

function isRunning(sync: HandleSyncStatus | null): boolean {
  return sync !== null && sync.synced === null && sync.ended === null
}

/** The failure of a person who still lacks something while no workflow runs for them and none reports a problem. */
function whatEnded(identity: string, stage: Stage | undefined, sync: HandleSyncStatus | null) {
  const who = shellQuoted(identity)
  if (sync !== null && sync.ended !== null) {
    const sentence = `The sync of the handle was ${sync.ended} before it finished.`
    return { name: 'sync-ended', sentence, fix: `To start it again: holdfast sync-handle atproto ${who}` }
  }
  const sentence = 'The signup ended, but records are still missing.'
  return { name: stage ?? 'not started', sentence, fix: `holdfast status atproto ${who}` }
}

function done(identity: string): RepairReport {
  return { identity, outcome: 'done', problem: null, sentence: '', fix: '' }
}
