import type { ProviderPerson } from '../../../contracts/atproto/signup-steps.ts'
import { clampedDate } from '../../../domain/external-date.ts'
import { isRestorable } from '../../../domain/atproto/lost-account.ts'
import { OutsideError } from '../../../domain/outside-error.ts'
import type { Verifications } from '../../../adapters/mongo/verifications.ts'
import type { Intents } from '../../../state/mongo/atproto/intents.ts'
import type { PersonMemory } from '../../../state/mongo/atproto/person-memory.ts'
import { checkDeletion, type DeletionGuardDeps } from '../deletion/guard.ts'

export interface VerificationDeps extends DeletionGuardDeps {
  readonly verifications: Verifications
  readonly intents: Intents
  readonly personMemory: PersonMemory
  readonly addressHash: (email: string) => string
  readonly newPassword: () => string
}

/**
 * The address is read here, by id, and goes straight into the ledger (hashed) and the intent (sealed): it never passes
 * through a workflow, whose history could be read. For a person who already has an account, the intent carries their
 * verified address to it.
 */
export function createVerificationActivity(deps: VerificationDeps) {
  const { tenantOf, verifications, intents, personMemory, addressHash, newPassword } = deps

  const isAccountLost = async (identity: string): Promise<boolean> => {
    const { user, remembered } = await personMemory.loadWithUser(identity)
    const account = user?.atproto?.did ? null : (remembered?.account ?? null)
    if (account === null || !isRestorable(account, false)) return false
    // Another person's user record is looked for by the step on the PDS, which has the time for a pass over `users`.
    const owners = (await personMemory.ownersOf([account.did])).get(account.did) ?? []
    return owners.every((owner) => owner === identity)
  }

  return async ({
    identity,
    changedAt = null,
  }: {
    identity: string
    changedAt?: string | null
    last?: boolean
  }): Promise<ProviderPerson> => {
    const { auth0, userId } = tenantOf(identity)
    const at = new Date()
    const person = await auth0.person(userId)
    if ((await checkDeletion(deps, identity, person)) || person === null)
      return { known: false, verified: false, accountLost: false, signedUpAt: null }
    const { email, emailVerified: verified } = person
    const accountLost = !verified && (await isAccountLost(identity))
    const seen = { known: true, verified, accountLost, signedUpAt: person.createdAt.toISOString() }
    if (email === null) {
      if (verified) throw new OutsideError('email-missing', 'the person has no e-mail address at Auth0')
      return seen
    }

    await verifications.count(identity, {
      address: addressHash(email.toLowerCase()),
      verified,
      at,
      changedAt: clampedDate(changedAt, at),
    })
    if (verified) await intents.prepare(identity, email, newPassword)
    return seen
  }
}
