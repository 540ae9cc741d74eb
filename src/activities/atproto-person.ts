import { OutsideError } from '../domain/outside-error.ts'
import type { PersonSeen } from './atproto.ts'
import type { AtprotoDeps } from './atproto-deps.ts'

/**
 * The address is read here, by id, and goes straight into the ledger (hashed) and the intent (sealed): it never
 * passes through a workflow, whose history could be read.
 */
export function createPersonActivity({
  tenantOf,
  verifications,
  users,
  intents,
  addressHash,
  newPassword,
}: AtprotoDeps) {
  return async ({ identity }: { identity: string }): Promise<PersonSeen> => {
    const { auth0, userId } = tenantOf(identity)
    const person = await auth0.person(userId)
    if (person === null) return { known: false, verified: false, signedUpAt: null }
    const seen = { known: true, verified: person.emailVerified, signedUpAt: person.createdAt.toISOString() }
    if (!person.emailVerified) return seen
    if (person.email === null)
      throw new OutsideError('email-missing', 'the person has no e-mail address at Auth0')

    await verifications.count(identity, addressHash(person.email.toLowerCase()))
    const user = await users.load(identity)
    if (!user?.atproto?.did) await intents.prepare(identity, person.email, newPassword)
    return seen
  }
}
