import { OutsideError } from '../domain/outside-error.ts'
import type { PersonSeen } from './atproto.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { isDeleted } from './tombstoned.ts'

/**
 * The address is read here, by id, and goes straight into the ledger (hashed) and the intent (sealed): it never
 * passes through a workflow, whose history could be read. The intent of somebody who has an account carries their
 * verified address there.
 */
export function createPersonActivity(deps: AtprotoDeps) {
  const { tenantOf, verifications, intents, addressHash, newPassword } = deps
  return async ({
    identity,
    changedAt = null,
  }: {
    identity: string
    changedAt?: string | null
  }): Promise<PersonSeen> => {
    const { auth0, userId } = tenantOf(identity)
    const at = new Date()
    const person = await auth0.person(userId)
    if ((await isDeleted(deps, identity, person)) || person === null)
      return { known: false, verified: false, signedUpAt: null }
    const { email, emailVerified: verified } = person
    const seen = { known: true, verified, signedUpAt: person.createdAt.toISOString() }
    if (email === null) {
      if (verified) throw new OutsideError('email-missing', 'the person has no e-mail address at Auth0')
      return seen
    }

    await verifications.count(identity, {
      address: addressHash(email.toLowerCase()),
      verified,
      at,
      changedAt: changedAt === null ? null : new Date(changedAt),
    })
    if (verified) await intents.prepare(identity, email, newPassword)
    return seen
  }
}
