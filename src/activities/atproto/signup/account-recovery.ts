import type { Intent } from '../../../state/mongo/intents.ts'
import type { PersonMemory } from '../../../state/mongo/person-memory.ts'
import type { SafetyLimits } from '../../../state/mongo/safety-limits.ts'
import type { StepHistory } from '../../../state/mongo/step-history.ts'
import type { Pds, PdsAccount } from '../../../adapters/pds/pds.ts'
import type { AccountProof, RememberedAccount } from '../../../contracts/atproto/recovery.ts'
import { isAddressOf } from '../../../domain/atproto/alias.ts'
import { createRepairAdmission } from './admit-repair.ts'
import type { TenantOf } from '../tenants.ts'

export interface ProvenAccount extends PdsAccount {
  readonly proof: AccountProof
}

export interface AccountRecoveryDeps {
  readonly personMemory: PersonMemory
  readonly pds: Pds
  readonly stepHistory: StepHistory
  readonly tenantOf: TenantOf
  readonly safetyLimits: SafetyLimits
  readonly addressHash: (identity: string) => string
}

/**
 * Recovers the account that a user record lost, if it is proven to be the person's: Holdfast remembers it, and the PDS
 * still hosts it. Its password was lost with the record, so a new one is set, and sessions and app passwords are
 * revoked; app passwords stay where the password does not open the account (it was taken down, say), and the history
 * records that. Null where there is no such account, or another person has it by now. Safe to repeat: the password is
 * the intent's.
 */
export function createAccountRecovery(deps: AccountRecoveryDeps) {
  const { personMemory, pds, stepHistory, tenantOf } = deps
  const admit = createRepairAdmission(deps.safetyLimits, deps.addressHash)

  return async (
    identity: string,
    { email, password }: Pick<Intent, 'email' | 'password'>,
    { did, proof }: RememberedAccount,
  ): Promise<ProvenAccount | null> => {
    const found = await pds.accountByDid(did)
    if (found === null) return null
    // A result at Temporal alone is no proof: the PDS has to confirm the address.
    if (proof === 'last-signup' && !isAddressOf(tenantOf(identity).name, email, found.email)) return null
    if (await personMemory.belongsToAnother(identity, did)) return null
    await admit(identity, 'account')
    await pds.setPassword(did, password)
    const outcome = (await pds.revokeAppPasswords({ did, password })) ? 'rebuilt' : 'rebuilt-unopened'
    await stepHistory.record(identity, [{ step: 'creating-account', outcome }])
    return { did, handle: found.handle, proof }
  }
}
