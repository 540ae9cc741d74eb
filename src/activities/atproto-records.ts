import type { CodeGuard } from '../adapters/mongo/code-index.ts'
import type { Entry } from '../adapters/mongo/journal.ts'
import type { Step } from '../contracts/history.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { naming } from './failures.ts'
import { noting } from './noting.ts'
import { isDeleted } from './tombstoned.ts'

export type RecordsMade =
  /** The person was deleted and is nobody new: nothing was recorded, and nothing may be. */
  | { readonly deleted: true }
  | {
      readonly deleted: false
      /** The tenant the identity belongs to, by its prefix. */
      readonly tenant: string
      /** How long this signup may wait for its verified e-mail. */
      readonly waitDays: number
      /** Verifications counted before: a person who has one may be complete. */
      readonly count: number
      /** What keeps user codes apart. */
      readonly guard: CodeGuard
      readonly code: string
    }

/** The records of our own, one by one. Each looks before it writes, and its failures say which it was. */
export interface RecordSteps {
  /** Makes sure there is a verification record, with count 0 where there was none. */
  verification(person: { identity: string }): Promise<{ count: number }>
  /** Looks at the index that keeps user codes apart, and creates it where there is none. */
  codeIndex(person: { identity: string }): Promise<CodeGuard>
  /** Makes sure the person has a user record with a code. */
  user(person: { identity: string; signedUpAt: string; guard: CodeGuard }): Promise<{ code: string }>
}

export function createRecordSteps({ verifications, codeIndex, users, journal }: AtprotoDeps): RecordSteps {
  const inStep = <P extends { readonly identity: string }, R>(
    step: Step,
    work: (person: P) => Promise<R>,
    done: readonly Entry[] = [],
  ) => naming(noting({ journal, step, done: () => done }, work), step)
  return {
    verification: inStep('recording', async ({ identity }) => ({
      count: await verifications.record(identity),
    })),
    codeIndex: inStep('creating-code', () => codeIndex.guard()),
    user: inStep(
      'creating-user',
      async ({ identity, signedUpAt, guard }) => ({
        code: await users.ensure(identity, new Date(signedUpAt), guard),
      }),
      RECORDED,
    ),
  }
}

/** All of them in one activity: they follow each other within milliseconds, and each of its own would cost more than it does. */
export function createRecordsActivity(deps: AtprotoDeps) {
  const { tenantOf, waitDays } = deps
  const steps = createRecordSteps(deps)
  // Not noted: what fails here may be about somebody who was deleted, of whom no line may be left.
  const admit = naming(async ({ identity }: { identity: string }) => {
    const { name } = tenantOf(identity)
    return { tenant: name, deleted: await isDeleted(deps, identity) }
  }, 'recording')
  return async ({ identity, signedUpAt }: { identity: string; signedUpAt: string }): Promise<RecordsMade> => {
    const { tenant, deleted } = await admit({ identity })
    if (deleted) return { deleted }
    const { count } = await steps.verification({ identity })
    const guard = await steps.codeIndex({ identity })
    const { code } = await steps.user({ identity, signedUpAt, guard })
    return { deleted, tenant, waitDays, count, guard, code }
  }
}

/** The last of them tells of all, in one write. */
const RECORDED: readonly Entry[] = [
  { step: 'recording', outcome: 'done' },
  { step: 'creating-code', outcome: 'done', quiet: true },
  { step: 'creating-user', outcome: 'done' },
]
