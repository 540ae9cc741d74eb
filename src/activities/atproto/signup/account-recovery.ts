import type { Intent, Intents } from '../../../state/mongo/atproto/intents.ts'
import type { PersonMemory } from '../../../state/mongo/atproto/person-memory.ts'
import type { Pds, PdsAccount } from '../../../adapters/pds/pds.ts'
import type { AccountProof, RememberedAccount } from '../../../contracts/atproto/recovery.ts'
import { isAddressOf } from '../../../domain/atproto/alias.ts'
import { isRestorable } from '../../../domain/atproto/lost-account.ts'
import { createRepairAdmission } from './admit-repair.ts'
import type { TenantOf } from '../tenants.ts'
import type { SafetyLimits } from '../../../state/ports/safety-limits.ts'
import type { StepHistory } from '../../../state/ports/step-history.ts'

export interface ProvenAccount extends PdsAccount {
  readonly proof: AccountProof
}

export interface AccountRecoveryDeps {
  readonly personMemory: PersonMemory
  readonly intents: Intents
  readonly pds: Pds
  readonly stepHistory: StepHistory
  readonly tenantOf: TenantOf
  readonly safetyLimits: SafetyLimits
  readonly addressHash: (identity: string) => string
  readonly newPassword: () => string
}

export interface RecoveredAccount {
  readonly account: ProvenAccount
  readonly intent: Intent
}

/**
 * Recovers the account that a user record lost, if it is proven to be the person's: Holdfast remembers it, and the PDS
 * still hosts it. Its password was lost with the record, so a new one is set, and sessions and app passwords are
 * revoked; app passwords stay where the password does not open the account (it was taken down, say), and the history
 * records that. Null where there is no such account, or another person has it by now. Safe to repeat: the password is
 * the intent's. `prepared`: null while the person's address is not verified; then the account keeps its own, for which
 * an intent is prepared.
 */
export function createAccountRecovery(deps: AccountRecoveryDeps) {
  const { personMemory, intents, pds, stepHistory, tenantOf } = deps
  const admit = createRepairAdmission(deps.safetyLimits, deps.addressHash)

  return async (
    identity: string,
    prepared: Intent | null,
    { did, proof }: RememberedAccount,
  ): Promise<RecoveredAccount | null> => {
    const found = await pds.accountByDid(did)
    if (found === null) return null
    const confirmed = prepared !== null && isAddressOf(tenantOf(identity).name, prepared.email, found.email)
    if (!isRestorable({ proof }, confirmed)) return null
    if (await personMemory.belongsToAnother(identity, did)) return null
    const email = prepared?.email ?? found.email
    if (email === null) return null
    await admit(identity, 'account')
    if (prepared === null) await intents.prepare(identity, email, deps.newPassword)
    const intent = prepared ?? (await intents.load(identity))
    if (intent === null) return null // deleted meanwhile, with the person
    const { password } = intent
    await pds.setPassword(did, password)
    const outcome = (await pds.revokeAppPasswords({ did, password })) ? 'rebuilt' : 'rebuilt-unopened'
    await stepHistory.record(identity, [{ step: 'creating-account', outcome }])
    return { account: { did, handle: found.handle, proof }, intent }
  }
}
