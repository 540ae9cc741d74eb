import { randomBytes } from 'node:crypto'
import { createPds } from '../src/adapters/pds.ts'
import type { Auth0StandIn } from '../src/embedded/auth0/server.ts'
import type { Servers } from '../src/embedded/stack.ts'

/** The tenant that people of a bench sign up in. */
export function tenantOf({ auth0 }: Servers): Auth0StandIn {
  const tenant = auth0.get('aesthetic')
  if (tenant === undefined) throw new Error('no tenant')
  return tenant
}

/** Makes an account of nobody's at the PDS, by the call that signups make; returns how long it took, in milliseconds. */
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
