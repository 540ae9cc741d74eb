import { randomBytes } from 'node:crypto'
import { createPds } from '../src/adapters/pds/pds.ts'
import type { Auth0StandIn } from '../dev/servers/auth0/server.ts'
import type { Servers } from '../dev/servers/atproto-stack.ts'

/** The tenant in which people of a bench sign up. */
export function tenantOf({ auth0 }: Servers): Auth0StandIn {
  const tenant = auth0.get('aesthetic')
  if (tenant === undefined) throw new Error('no tenant')
  return tenant
}

/**
 * Creates an account without an owner at the PDS, by the call that signups make; returns its duration in milliseconds.
 */
export function accountMaker(
  config: Parameters<typeof createPds>[0] & { handleDomain: string },
): () => Promise<number> {
  const pds = createPds(config)
  return async () => {
    const name = `b${randomBytes(6).toString('hex')}`
    const began = performance.now()
    await pds.createAccount({
      handle: `${name}${config.handleDomain}`,
      email: `${name}@example.com`,
      password: randomBytes(24).toString('base64url'),
      inviteCode: null,
    })
    return performance.now() - began
  }
}
