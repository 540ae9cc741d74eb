import type { Finding } from '../../contracts/gaps.ts'
import type { StoredPerson } from './gap-rules.ts'

/**
 * Whether the application's own records say that a gap may be over, so that an audit is worth its cost. False where only
 * the PDS or the provider can tell.
 */
export function mayBeResolved({ kind, evidence }: Finding, stored: StoredPerson | undefined): boolean {
  const user = stored?.user ?? null
  const hasRecords = user !== null || (stored?.verifications ?? null) !== null
  switch (kind) {
    case 'verification-missing':
      return (stored?.verifications ?? null) !== null
    case 'user-missing':
      return user !== null
    case 'identity-only':
      return hasRecords
    case 'record-unowned':
      return !hasRecords && (stored?.chosenHandle ?? null) === null
    case 'code-missing':
      return user !== null && typeof user.code === 'string' && user.code !== '' && user.when !== null
    case 'code-malformed':
    case 'code-duplicate':
      return user === null || user.code !== evidence['code']
    case 'account-missing':
      return (user?.did ?? null) !== null
    case 'account-gone':
      return user === null || user.did !== evidence['did']
    default:
      return false
  }
}
