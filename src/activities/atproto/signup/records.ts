import type { CodeIndex, CodeUniqueness } from '../../../adapters/mongo/code-index.ts'
import type { SignupStep } from '../../../contracts/history.ts'
import { plausibleDate } from '../../../domain/external-date.ts'
import type { Users } from '../../../adapters/mongo/users.ts'
import type { Verifications } from '../../../adapters/mongo/verifications.ts'
import type { PersonMemory } from '../../../state/mongo/atproto/person-memory.ts'
import { withFailureMapping } from '../../lib/failures.ts'
import { withHistory } from '../../lib/history.ts'
import type { SignupCounts } from '../../lib/signup-counts.ts'
import { checkDeletion, withDeletionSweep, type DeletionGuardDeps } from '../deletion/guard.ts'
import type { HistoryEntry, StepHistory } from '../../../state/ports/step-history.ts'

export type RecordsResult =
  /** The person was deleted and not created again: nothing was recorded, and nothing may be. */
  | { readonly deleted: true }
  | {
      readonly deleted: false
      /** The tenant the identity belongs to, by its prefix. */
      readonly tenant: string
      /** Days for which this signup may wait for its verified e-mail. */
      readonly waitDays: number
      /** Verifications counted before: a person who has one may be complete already. */
      readonly count: number
      /** The way in which user codes are kept unique. */
      readonly guard: CodeUniqueness
      readonly code: string
    }

/** The records in MongoDB, one by one. Each call checks before it writes, and its failures name the record. */
export interface RecordSteps {
  /** Ensures that there is a verification record, with count 0 where there was none. */
  verification(person: { identity: string }): Promise<{ count: number }>
  /** Checks the index that keeps user codes unique, and creates it where there is none. */
  codeIndex(person: { identity: string }): Promise<CodeUniqueness>
  /** Ensures that the person has a user record with a code. */
  user(person: { identity: string; signedUpAt: string; guard: CodeUniqueness }): Promise<{ code: string }>
}

export interface RecordStepDeps {
  readonly verifications: Verifications
  readonly codeIndex: CodeIndex
  readonly personMemory: PersonMemory
  readonly users: Users
  readonly stepHistory: StepHistory
  readonly signupCounts: SignupCounts
}

export function createRecordSteps({
  verifications,
  codeIndex,
  personMemory,
  users,
  stepHistory,
  signupCounts: counts,
}: RecordStepDeps): RecordSteps {
  const inStep = <P extends { readonly identity: string }, R>(
    step: SignupStep,
    work: (person: P) => Promise<R>,
    done: readonly HistoryEntry[] = [],
  ) => withFailureMapping(withHistory({ journal: stepHistory, counts, step, done: () => done }, work), step)
  return {
    verification: inStep('recording', async ({ identity }) => ({
      count: await verifications.record(identity),
    })),
    codeIndex: inStep('creating-code', async () => {
      await personMemory.ensureIndexes()
      return codeIndex.ensureUnique()
    }),
    user: inStep(
      'creating-user',
      async ({ identity, signedUpAt, guard }) => ({
        code: await users.ensure(identity, new Date(signedUpAt), guard),
      }),
      RECORDED,
    ),
  }
}

interface Recorded {
  readonly identity: string
  readonly signedUpAt: string
}

export interface RecordedPerson extends Recorded {
  /** The signup begins with this, so it is counted as begun. */
  readonly begins?: boolean
}

export interface RecordsDeps extends RecordStepDeps, DeletionGuardDeps {
  /** Days for which a signup may wait for its verified e-mail. */
  readonly waitDays: number
}

/**
 * Ensures all records in one activity: they follow each other within milliseconds, and an activity for each would cost
 * more than the record.
 */
export function createRecordsActivity(deps: RecordsDeps) {
  const { tenantOf, waitDays, signupCounts } = deps
  const steps = createRecordSteps(deps)
  // Without history: a failure here may concern a deleted person, of whom no line may be left.
  const admit = withFailureMapping(async ({ identity }: { identity: string }) => {
    const { name } = tenantOf(identity)
    return { tenant: name, deleted: await checkDeletion(deps, identity) }
  }, 'recording')
  const record = withDeletionSweep(deps, async ({ identity, signedUpAt }: Recorded) => {
    const { count } = await steps.verification({ identity })
    const guard = await steps.codeIndex({ identity })
    const { code } = await steps.user({ identity, signedUpAt, guard })
    return { count, guard, code }
  })
  /** The date is kept permanently, in the user code too: an implausible one is replaced by the provider's. */
  const dated = withFailureMapping(
    async (asked: { identity: string; signedUpAt: string }): Promise<string | null> => {
      const told = plausibleDate(asked.signedUpAt, new Date())
      if (told !== null) return told.toISOString()
      const { auth0, userId } = tenantOf(asked.identity)
      return (await auth0.person(userId))?.createdAt.toISOString() ?? null
    },
    'recording',
  )
  return async ({ identity, signedUpAt, begins = false }: RecordedPerson): Promise<RecordsResult> => {
    const { tenant, deleted } = await admit({ identity })
    const since = deleted ? null : await dated({ identity, signedUpAt })
    if (since === null) {
      await signupCounts.ended('deleted')
      return { deleted: true }
    }
    const recorded = await record({ identity, signedUpAt: since })
    if (begins) await signupCounts.began()
    return { deleted: false, tenant, waitDays, ...recorded }
  }
}

/** The entries of all steps, written at once with the last. */
const RECORDED: readonly HistoryEntry[] = [
  { step: 'recording', outcome: 'done' },
  { step: 'creating-code', outcome: 'done', quiet: true },
  { step: 'creating-user', outcome: 'done' },
]
