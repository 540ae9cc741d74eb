import { randomBytes } from 'node:crypto'
import type { AtpAgent } from '@atproto/api'
import { pdsRefusal } from '../../domain/atproto/pds-refusal.ts'
import { pdsAnswer } from './errors.ts'

/** A DID without an owner: a PDS creates no account under a DID whose owner does not request it. */
const UNUSED_DID = 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa'

/**
 * Whether an account on the PDS has the address. A PDS has no look-up by address, but reports a taken one: for a
 * createAccount call under a DID that is not the caller's, it checks handle and address first, and then refuses in any
 * case. Accounts that are taken down or deactivated are not found by it.
 */
export async function isEmailTaken(
  agent: AtpAgent,
  asAdmin: { readonly headers: { readonly authorization: string } },
  email: string,
): Promise<boolean> {
  const { server, admin } = agent.com.atproto
  const { data } = await server.describeServer()
  const [domain = ''] = data.availableUserDomains
  const encoded = { ...asAdmin, encoding: 'application/json' } as const
  const invite =
    data.inviteCodeRequired === true
      ? (await server.createInviteCode({ useCount: 1 }, encoded)).data.code
      : null
  try {
    await server.createAccount({
      did: UNUSED_DID,
      handle: `${randomBytes(8).toString('hex')}${domain}`,
      email,
      ...(invite === null ? {} : { inviteCode: invite }),
    })
    throw new Error('the PDS created an account with a different DID than requested')
  } catch (error) {
    const answer = pdsAnswer(error)
    if (answer === null || answer.status === 429 || answer.status >= 500) throw error
    return pdsRefusal(answer) === 'email-taken'
  } finally {
    if (invite !== null) await admin.disableInviteCodes({ codes: [invite] }, encoded)
  }
}
