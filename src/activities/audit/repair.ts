import pMap from 'p-map'
import type { RunningSignups } from '../../client/running-signups.ts'
import type { SignupReader } from '../../client/signup-reader.ts'
import type { Signups } from '../../client/signups.ts'
import type { RepairReport } from '../../contracts/backfill.ts'
import type { Stage } from '../../contracts/stages.ts'
import type { System } from '../../contracts/systems.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import type { AuditActivities } from '../audit.ts'
import { withScanCursor } from '../lib/scan-cursor.ts'
import type { AuditAnswers, RepairFault } from './answers.ts'
import type { AuditFindings, PersonToRepair, RepairBy } from '../../state/ports/audit-findings.ts'
import type { SafetyLimits } from '../../state/ports/safety-limits.ts'

/** People repaired by one bulk of statements. */
const AT_ONCE = 200
const LOOKS_AT_ONCE = 4
const PAGE = 1_000

export interface RepairDeps {
  readonly findings: AuditFindings
  readonly signups: Signups
  readonly running: RunningSignups
  readonly signupStatus: SignupReader['status']
  readonly safetyLimits: SafetyLimits
  readonly addressHash: (value: string) => string
}

type Repairs = Pick<AuditActivities, 'repairInDatabase' | 'startRepairs' | 'pollRepairs' | 'verifyRepairs'>

export function createRepairActivities(
  { findings, signups, running, signupStatus, safetyLimits, addressHash }: RepairDeps,
  answers: Pick<
    AuditAnswers,
    | 'system'
    | 'tenantOf'
    | 'stillLacking'
    | 'repairInDatabase'
    | 'startRepair'
    | 'otherRepair'
    | 'awaitOtherRepair'
  >,
): Repairs {
  /** Exempts people from the limit of automatic repairs, since an operator requested these. */
  const exemptFromLimit = (people: readonly PersonToRepair[]): Promise<void> =>
    safetyLimits.allow(
      'repairs',
      people.map(({ identity }) => addressHash(identity)),
    )

  return {
    async repairInDatabase({ auditId, after }) {
      const people = await findings.peopleToRepair(auditId, 'database', after, AT_ONCE)
      if (people.length > 0) {
        await exemptFromLimit(people)
        await answers.repairInDatabase(people)
      }
      return {
        people: people.length,
        next: people.length < AT_ONCE ? null : (people.at(-1)?.identity ?? null),
      }
    },

    async startRepairs({ auditId, after, limit, reportTo }) {
      const people = await findings.peopleToRepair(auditId, 'workflow', after, limit)
      await exemptFromLimit(people)
      await Promise.all(people.map((person) => answers.startRepair(person, reportTo)))
      return people.map(({ identity }) => identity)
    },

    pollRepairs: ({ auditId, identities }) =>
      withScanCursor({}, async ({ waitOutRateLimits }) => {
        const lacking = await answers.stillLacking(auditId, identities, waitOutRateLimits)
        const reports = await pMap(
          identities,
          async (identity): Promise<RepairReport | null> => {
            if (!lacking.has(identity)) return done(identity)
            const tenant = answers.tenantOf(identity) ?? '-'
            const workflowId = signups.workflowIdOf({ tenant, identity })
            const [status, runs, other] = await Promise.all([
              signupStatus(workflowId),
              running.isRunning(workflowId),
              answers.otherRepair({ tenant, identity }),
            ])
            if (runs && status !== null && status.problem === null) return null
            if (other === 'running') return null
            const fault = typeof other === 'string' ? null : other.failed
            const { sentence, fix, name } =
              status?.problem ?? fault ?? stillMissing(answers.system, identity, status?.stage)
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
            await pMap(people, answers.awaitOtherRepair, { concurrency: LOOKS_AT_ONCE })
            const identities = people.map(({ identity }) => identity)
            const lacking = await answers.stillLacking(auditId, identities, waitOutRateLimits)
            verified += people.length - lacking.size
            after = identities.at(-1) ?? null
            full = people.length === PAGE
            saveCursor({})
          }
        }
        return { verified }
      }),
  }
}

/** The failure of a person who still lacks something while no workflow runs for them and none reports a problem. */
function stillMissing(system: System, identity: string, stage: Stage | undefined): RepairFault {
  const sentence = 'The signup ended, but records are still missing.'
  return { name: stage ?? 'not started', sentence, fix: `holdfast status ${system} ${shellQuoted(identity)}` }
}

function done(identity: string): RepairReport {
  return { identity, outcome: 'done', problem: null, sentence: '', fix: '' }
}
