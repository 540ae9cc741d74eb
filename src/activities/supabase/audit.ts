import type { AuditCheck } from '../../contracts/audit.ts'
import type { RepairFailure } from '../../contracts/backfill.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { problemText } from '../../domain/problems.ts'
import { signupHealth } from '../../domain/supabase/health.ts'
import type { SupabaseCalls } from '../../adapters/supabase/connect.ts'
import type { RunningSignups } from '../../client/running-signups.ts'
import type { Signups } from '../../client/signups.ts'
import type { AuditMarks } from '../../state/ports/audit-marks.ts'
import type { PersonToRepair } from '../../state/ports/audit-findings.ts'
import type { ProfileScan, ProfileScanRequest } from '../../state/postgres/supabase/audit-scan.ts'
import type { ScanOutcome } from '../audit.ts'
import type { AuditAnswers } from '../audit/answers.ts'
import { scanRunning } from '../audit/scan-running.ts'
import { scanOutcome } from '../audit/scope.ts'
import { withScanCursor } from '../lib/scan-cursor.ts'

export interface SupabaseAuditDeps {
  readonly supabase: Pick<SupabaseCalls, 'withoutProfile' | 'createProfiles' | 'recordRefusal'>
  readonly scanProfiles: (request: ProfileScanRequest) => Promise<ProfileScan>
  readonly signups: Pick<Signups, 'notify'>
  readonly running: RunningSignups
  readonly marks: AuditMarks
  readonly graceMs: number
}

/** Users and profiles compared by one statement, and profiles made by one statement for each hundred users. */
export function createSupabaseAudit(deps: SupabaseAuditDeps): AuditAnswers {
  const { supabase, signups } = deps
  return {
    system: 'supabase',
    tenants: [NO_TENANT],
    tenantOf: () => NO_TENANT,
    batches: { database: 100, removal: 100, workflows: 8, workflowsAtMost: 32 },
    scanSteps: () => [
      { name: 'running', summary: 'List running signups' },
      { name: 'profiles', summary: 'Compare users, profiles and the audit log' },
    ],
    runScanStep: (audit) =>
      audit.step === 'running'
        ? scanRunning(deps, audit)
        : withScanCursor({}, async () => {
            const { auditId, scope, scheduled = false } = audit
            return outcomeOf(await deps.scanProfiles({ auditId, scope, scheduled, graceMs: deps.graceMs }))
          }),
    stillLacking: async (_, identities) => new Set(await supabase.withoutProfile(identities)),
    repairInDatabase: (people) => backfill(supabase, people),
    async startRepair({ identity, tenant }, reportTo) {
      await signups.notify({ tenant, identity, hint: 'retry', reportTo, urgency: 'bulk' })
    },
    otherRepair: () => Promise.resolve('none' as const),
    awaitOtherRepair: () => Promise.resolve(),
    deleteCopies: () => Promise.resolve({ all: true }),
    deleteLeftOvers: () => Promise.resolve(),
  }
}

/**
 * Makes the profiles of a batch. Where one is refused, the whole statement is, and the engine divides the batch until
 * that user is alone: then the refusal is recorded beside the profiles.
 */
async function backfill(
  supabase: SupabaseAuditDeps['supabase'],
  people: readonly PersonToRepair[],
): Promise<RepairFailure[]> {
  const ids = people.map(({ identity }) => identity)
  try {
    await supabase.createProfiles(ids, ['profile_backfilled'])
    return []
  } catch (error) {
    const [identity] = ids
    if (!(error instanceof OutsideError) || !error.refusesRecord || ids.length > 1 || identity === undefined)
      throw error
    const { problem, detail } = error
    await supabase.recordRefusal(identity, { problem, ...detail })
    return [{ identity, problem, ...problemText(problem, { system: 'supabase', identity, detail }) }]
  }
}

function outcomeOf(scan: ProfileScan): ScanOutcome {
  const { due, have, young, inProgress, ignored, recentSignups, recentMissing, ...counts } = scan
  return scanOutcome({
    counts: { identities: counts.users, ...counts },
    records: { profiles: { have, due } },
    young,
    inProgress,
    ignored,
    checks: checksOf(counts),
    health: { ...signupHealth(recentSignups, recentMissing) },
  })
}

/** The three comparisons, in the words that operators' scripts know. */
function checksOf({
  usersWithoutProfile,
  profilesWithoutUser,
  emailMismatches,
}: Pick<ProfileScan, 'usersWithoutProfile' | 'profilesWithoutUser' | 'emailMismatches'>): AuditCheck[] {
  const check = (name: string, count: number, what: string): AuditCheck => ({
    name,
    pass: count === 0,
    count,
    details: `${count} ${what}`,
  })
  return [
    check('Auth users without profiles', usersWithoutProfile, 'users missing profiles'),
    check('Profiles without auth users', profilesWithoutUser, 'profiles orphaned'),
    check('Email consistency', emailMismatches, 'mismatched emails'),
  ]
}
