import { checkDeletion, type DeletionGuardDeps } from '../../../src/activities/deletion/guard.ts'
import { withDeletionSweep } from '../../../src/activities/deletion/with-sweep.ts'
import { withFailureMapping } from '../../../src/activities/lib/failures.ts'
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
  readonly stepHistory: Pick<StepHistory, 'record'>
}

export function createLibraryActivities(deps: LibrarySignupDeps): LibraryActivities {
  const { library, stepHistory } = deps
  const isDeleted = (identity: string, seen: Member | null): Promise<boolean> =>
    checkDeletion(deps, identity, seen === null ? null : { createdAt: seen.signedUpAt })
  return {
    loadMember: withFailureMapping(async ({ identity }) => {
      const member = await library.member(identity)
      if (member === null || (await isDeleted(identity, member))) return { known: false, confirmed: false }
      await stepHistory.record(identity, [{ step: 'recording', outcome: 'done' }])
      return { known: true, confirmed: member.confirmed }
    }),
    ensureCard: withFailureMapping(
      withDeletionSweep(
        deps,
        async ({ identity }: Person) => {
          if (await isDeleted(identity, await library.member(identity))) return { number: null }
          const number = await library.ensureCard(identity)
          await stepHistory.record(identity, [{ step: 'creating-card', outcome: 'done' }])
          return { number }
        },
        ({ number }) => number !== null,
      ),
    ),
  }
}
