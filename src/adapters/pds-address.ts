import { randomBytes } from 'node:crypto'
import type { AtpAgent } from '@atproto/api'
import { pdsRefusal } from '../domain/pds-refusal.ts'
import { pdsAnswer } from './pds-errors.ts'

/** Nobody's: a PDS makes no account under a DID whose owner does not ask for it. */
const NOBODYS_DID = 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa'

/**
 * Whether an account on the PDS holds the address. A PDS has no look-up by address, but says so of one that is taken:
 * asked for an account under a DID that is not the caller's, it looks at handle and address first, and then refuses,
 * whatever it found. An account that is taken down or deactivated is not seen by it.
 */
export async function isAddressHeld(
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
      did: NOBODYS_DID,
      handle: `${randomBytes(8).toString('hex')}${domain}`,
      email,
      ...(invite === null ? {} : { inviteCode: invite }),
    })
    throw new Error('the PDS made an account under a DID that nobody asked for')
  } catch (error) {
    const answer = pdsAnswer(error)
    if (answer === null || answer.status === 429 || answer.status >= 500) throw error
    return pdsRefusal(answer) === 'email-taken'
  } finally {
    if (invite !== null) await admin.disableInviteCodes({ codes: [invite] }, encoded)
  }
}
