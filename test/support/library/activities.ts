import { checkDeletion, type DeletionGuardDeps } from '../../../src/activities/deletion/guard.ts'
import { withDeletionSweep } from '../../../src/activities/deletion/with-sweep.ts'
import { withFailureMapping } from '../../../src/activities/lib/failures.ts'
import { withHistory } from '../../../src/activities/lib/history.ts'
import type { SignupCounts } from '../../../src/activities/lib/signup-counts.ts'
import type { Library, Member } from './database.ts'
import type { StepHistory } from '../../../src/state/ports/step-history.ts'

interface Person {
  readonly identity: string
}

/** The activities of `librarySignup`. Each is safe to run twice. */
export interface LibraryActivities {
  /** `known`: false for somebody whom the front desk does not know, or who was deleted here. */
  loadMember(person: Person): Promise<{ known: boolean; confirmed: boolean }>
  /** Issues the member's card once; null where they were deleted meanwhile. */
  ensureCard(person: Person): Promise<{ number: string | null }>
}

export interface LibrarySignupDeps extends DeletionGuardDeps {
  readonly library: Pick<Library, 'member' | 'ensureCard'>
  readonly stepHistory: StepHistory
  readonly signupCounts: SignupCounts
}

export function createLibraryActivities(deps: LibrarySignupDeps): LibraryActivities {
  const { library, stepHistory: journal, signupCounts: counts } = deps
  const isDeleted = (identity: string, seen: Member | null): Promise<boolean> =>
    checkDeletion(deps, identity, seen === null ? null : { createdAt: seen.signedUpAt })
  return {
    loadMember: withFailureMapping(
      withDeletionSweep(
        deps,
        withHistory(
          {
            journal,
            counts,
            step: 'recording',
            done: ({ known }) => (known ? [{ step: 'recording', outcome: 'done' }] : []),
            endsIn: ({ known }) => (known ? null : 'deleted'),
          },
          async ({ identity }: Person) => {
            const member = await library.member(identity)
            const known = member !== null && !(await isDeleted(identity, member))
            return { known, confirmed: known && member.confirmed }
          },
        ),
        ({ known }) => known,
      ),
    ),
    ensureCard: withFailureMapping(
      withDeletionSweep(
        deps,
        withHistory(
          {
            journal,
            counts,
            step: 'creating-card',
            done: ({ number }) => (number === null ? [] : [{ step: 'creating-card', outcome: 'done' }]),
            endsIn: ({ number }) => (number === null ? 'deleted' : 'completed'),
          },
          async ({ identity }: Person) => {
            if (await isDeleted(identity, await library.member(identity))) return { number: null }
            return { number: await library.ensureCard(identity) }
          },
        ),
        ({ number }) => number !== null,
      ),
    ),
  }
}
