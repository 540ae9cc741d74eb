import pMap from 'p-map'
import type { RunningSignups } from '../../client/running-signups.ts'
import type { SignupReader } from '../../client/signup-reader.ts'
import type { Signups } from '../../client/signups.ts'
import type { RepairBy, RepairReport } from '../../contracts/backfill.ts'
import type { Stage } from '../../contracts/stages.ts'
import type { System } from '../../contracts/systems.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import type { AuditActivities, RepairedPage, RepairPage } from '../audit.ts'
import { withScanCursor } from '../lib/scan-cursor.ts'
import type { AuditAnswers, RepairFault } from './answers.ts'
import type { AuditFindings, PersonToRepair } from '../../state/ports/audit-findings.ts'
import type { Switches } from '../../state/ports/switches.ts'
import { repairBatch, type BatchRepair } from './repair-batch.ts'
import type { SafetyLimits } from '../../state/ports/safety-limits.ts'

const LOOKS_AT_ONCE = 4
const PAGE = 1_000

export interface RepairDeps {
  readonly findings: AuditFindings
  readonly signups: Signups
  readonly running: RunningSignups
  readonly signupStatus: SignupReader['status']
  readonly safetyLimits: SafetyLimits
  readonly switches: Pick<Switches, 'assertNotPaused'>
  readonly addressHash: (value: string) => string
}

type Repairs = Pick<
  AuditActivities,
  'repairInDatabase' | 'removeRecords' | 'startRepairs' | 'pollRepairs' | 'verifyRepairs'
>

export function createRepairActivities(
  { findings, signups, running, signupStatus, safetyLimits, switches, addressHash }: RepairDeps,
  answers: Pick<
    AuditAnswers,
    | 'system'
    | 'tenantOf'
    | 'batches'
    | 'stillLacking'
    | 'repairInDatabase'
    | 'remove'
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

  /** One page of a phase that goes through the plan. It heartbeats, so that a cancelled one ends between statements. */
  const repairPage = (
    { auditId, after, namesAtMost }: RepairPage,
    by: RepairBy,
    size: number,
    repair: BatchRepair,
  ): Promise<RepairedPage> =>
    withScanCursor({}, async ({ saveCursor }) => {
      const people = await findings.peopleToRepair(auditId, by, after, size)
      if (by === 'database' && people.length > 0) await exemptFromLimit(people)
      const failures = await repairBatch(answers.system, people, (batch) => {
        saveCursor({})
        return repair(batch)
      })
      return {
        done: people.length - failures.length,
        failed: failures.length,
        failures: failures.slice(0, namesAtMost),
        next: people.length < size ? null : (people.at(-1)?.identity ?? null),
      }
    })

  return {
    async repairInDatabase(page) {
      await switches.assertNotPaused()
      return repairPage(page, 'database', answers.batches.database, answers.repairInDatabase)
    },

    async removeRecords(page) {
      await switches.assertNotPaused()
      await switches.assertNotPaused('deletions')
      const { remove } = answers
      if (remove === undefined)
        throw new Error(`${answers.system} has a removal planned, and removes nothing`)
      return repairPage(page, 'remove', answers.batches.removal, remove)
    },

    async startRepairs({ auditId, after, limit, reportTo }) {
      await switches.assertNotPaused()
      const people = await findings.peopleToRepair(auditId, 'workflow', after, limit)
      await exemptFromLimit(people)
      await Promise.all(people.map((person) => answers.startRepair(person, reportTo)))
      return people.map(({ identity }) => identity)
    },

    pollRepairs: ({ auditId, identities }) =>
      withScanCursor({}, async ({ waitOutRateLimits }) => {
        await switches.assertNotPaused()
        const lacking = await answers.stillLacking(auditId, identities, waitOutRateLimits, 'workflow')
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
            // One that was paused continues by itself: the system is not paused now.
            if (runs && status !== null && (status.problem?.name ?? 'paused') === 'paused') return null
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

    verifyRepairs: ({ auditId, by, after }) =>
      withScanCursor({}, async ({ waitOutRateLimits }) => {
        const people = await findings.peopleToRepair(auditId, by, after, PAGE)
        await pMap(people, answers.awaitOtherRepair, { concurrency: LOOKS_AT_ONCE })
        const identities = people.map(({ identity }) => identity)
        const lacking = await answers.stillLacking(auditId, identities, waitOutRateLimits, by)
        return {
          verified: people.length - lacking.size,
          next: people.length < PAGE ? null : (identities.at(-1) ?? null),
        }
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
