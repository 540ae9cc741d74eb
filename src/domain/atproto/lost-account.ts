import type { RememberedAccount } from '../../contracts/atproto/recovery.ts'

/**
 * Whether an account that the user record lost is restored to its person. A result at Temporal alone is no proof: the
 * PDS has to confirm the verified address. `verified`: whether there is such an address.
 */
export function isRestorable({ proof }: Pick<RememberedAccount, 'proof'>, verified: boolean): boolean {
  return verified || proof !== 'last-signup'
}
