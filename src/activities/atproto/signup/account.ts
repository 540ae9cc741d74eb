import type { EnsuredAccount } from '../../../contracts/atproto/signup-steps.ts'
import type { Intent, IntentContent } from '../../../state/mongo/atproto/intents.ts'
import { isPdsFault, PdsRefusedError } from '../../../adapters/pds/errors.ts'
import type { PdsAccount } from '../../../adapters/pds/pds.ts'
import { aliasFor, isAddressOf } from '../../../domain/atproto/alias.ts'
import { handleLabel, handleUnder, suffixedHandles } from '../../../domain/atproto/handle.ts'
import { IN_FLIGHT_DRAIN_MS } from '../../../domain/retries/in-flight.ts'
import { createAdoption, type AdoptionDeps } from './adoption.ts'
import { createReconciliation, type ReconciliationDeps } from './reconcile-account.ts'
import { createAccountRecovery, type AccountRecoveryDeps, type ProvenAccount } from './account-recovery.ts'
import type { LinkedIdentities } from './linked-identities.ts'
import { findAccountByIntent } from './find-account-by-intent.ts'
import { outsideActivityContext } from '../../lib/cancellation.ts'
import { deletionInProgress } from '../../deletion/guard.ts'
import type { DeletionGuardDeps } from '../deletion/guard.ts'

export interface AccountDeps
  extends AccountRecoveryDeps, AdoptionDeps, ReconciliationDeps, DeletionGuardDeps {
  /** The value of `users.atproto.password`: plain, or sealed for its place. */
  readonly storedPassword: (identity: string, password: string) => string
}

/**
 * createAccount is not idempotent and its answer can be lost. So the intent is stored first, then an account left by an
 * earlier attempt is looked for, then the call is made; and when the PDS answers "taken", Holdfast checks whether the
 * account is its own.
 */
export function createAccountActivity(deps: AccountDeps, linked: LinkedIdentities) {
  const { users, personMemory, handles, intents, pds, tenantOf, handleDomain } = deps
  const recover = createAccountRecovery(deps)
  const adoption = createAdoption(deps)
  const reconcile = createReconciliation(deps, linked)

  return async ({
    identity,
    onlyBegun = false,
  }: {
    identity: string
    onlyBegun?: boolean
  }): Promise<EnsuredAccount | null> => {
    const { user, remembered } = await personMemory.loadWithUser(identity)
    const intent = await intents.load(identity)
    if (user?.atproto?.did) {
      const { did, handle = '' } = user.atproto
      // A worker that died after it wrote the record had not remembered the account yet.
      if (remembered?.account === null && intent?.attempted) await rememberOwnAccount(identity, intent, did)
      if (intent !== null) await reconcile(identity, intent, { did, handle })
      return { did, handle }
    }
    if (!user?.code || (intent === null && !onlyBegun)) return null
    const lost = remembered?.account ? await recover(identity, intent, remembered.account) : null
    if (lost !== null) return persistAccount(identity, lost.intent, lost.account, 'recovered')
    if (intent === null) return null
    await pds.assertAccountsAllowed() // checked before any other call

    const left = intent.attempted ? await findOwnAccount(intent) : null
    if (left !== null) return persistAccount(identity, intent, left)
    if (onlyBegun) return null
    const byCode = handleUnder(user.code, handleDomain)
    const own = await handles.chosenBy(identity)
    const chosen = handleLabel(own ?? '')
    const label = own === null ? await linked.inheritableHandleLabel(identity, intent.email) : chosen
    const ownHandles = [byCode, ...suffixedHandles(user.code, handleDomain)]
    const wanted = label === null ? ownHandles : [handleUnder(label, handleDomain), ...ownHandles]
    const made = await create(identity, intent, wanted, byCode)
    return made === null ? null : persistAccount(identity, intent, made, { chosen })
  }

  /**
   * Tries the handles in turn. Refusals that concern neither handle nor address are thrown unchanged. Null when a
   * deletion has removed the intent: without it, an account whose answer is lost would not be found again.
   */
  async function create(
    identity: string,
    intent: Intent,
    wanted: string[],
    byCode: string,
  ): Promise<ProvenAccount | null> {
    const [handle, ...others] = wanted
    if (handle === undefined) throw new Error('no handle to try')
    const inviteCode = intent.inviteCode ?? (await pds.inviteCode())
    const { alias } = intent
    if (!(await intents.recordAttempt(identity, { handle, alias, inviteCode }))) return null
    try {
      const made = await createUnlessDeleted(identity, { ...intent, inviteCode }, handle)
      return { ...made, proof: 'created' }
    } catch (error) {
      const found = await recoverFromRefusal(identity, intent, error, byCode)
      // A code that does not fit by itself does not fit with a suffix either.
      const unfit = error instanceof PdsRefusedError && error.refusal === 'handle-unfit'
      if (unfit && handle === byCode) throw error
      if (found === 'try-alias') {
        const aliased = aliasFor(intent.email, tenantOf(identity).name)
        return create(identity, { ...intent, inviteCode, alias: aliased }, wanted, byCode)
      }
      if (found !== 'try-other-handle') return found
      if (others.length === 0) throw error
      return create(identity, { ...intent, inviteCode }, others, byCode)
    }
  }

  /** Checks for a deletion immediately before and after the call: a deletion waits for a call in flight. */
  async function createUnlessDeleted(
    identity: string,
    intent: IntentContent,
    handle: string,
  ): Promise<PdsAccount> {
    const { alias, email, password, inviteCode } = intent
    const tombstone = await deps.tombstones.find(identity)
    if (tombstone !== null) throw deletionInProgress(tombstone)
    let made: PdsAccount | null = null
    try {
      made = await pds.createAccount({ handle, email: alias ?? email, password, inviteCode })
      return made
    } finally {
      await outsideActivityContext(() => handOverToDeletion(identity, { ...intent, handle }, made))
    }
  }

  /**
   * A worker may be suspended before its call for the whole of a deletion. It restores the intent by which the account
   * is found, and requests another sweep; where the deletion may already have made its last check, it removes the
   * account it created itself. By now the activity may have been cancelled, since the deletion terminated its signup.
   */
  async function handOverToDeletion(
    identity: string,
    intent: IntentContent,
    made: PdsAccount | null,
  ): Promise<void> {
    const tombstone = await deps.tombstones.find(identity)
    if (tombstone === null) return
    await intents.restore(identity, intent)
    await deps.deletions.requestSweep({ tenant: tenantOf(identity).name, identity })
    // A deletion waits for calls in flight, and then checks the PDS.
    const looked =
      tombstone.finishedAt !== null || Date.now() - tombstone.at.getTime() > IN_FLIGHT_DRAIN_MS.account
    if (made !== null && looked) await pds.deleteAccount(made.did)
    throw deletionInProgress(tombstone)
  }

  /**
   * Finds the account that Holdfast created itself behind a refusal, or what to try next; throws where no retry will
   * help.
   */
  async function recoverFromRefusal(
    identity: string,
    intent: Intent,
    error: unknown,
    byCode: string,
  ): Promise<ProvenAccount | 'try-other-handle' | 'try-alias'> {
    if (!(error instanceof PdsRefusedError)) {
      // The address of a linked account that was taken down, or created at the same moment, makes the PDS answer as if
      // it failed itself.
      if (isPdsFault(error) && (await isAddressOfLinkedAccount(identity, intent))) return 'try-alias'
      throw error
    }
    switch (error.refusal) {
      case 'handle-unfit':
        return 'try-other-handle'
      case 'handle-taken':
      case 'email-taken': {
        const found = (await findOwnAccount(intent)) ?? (await adoptLegacyAccount(identity, intent, byCode))
        if (found === 'not-adopted' && intent.alias === null) {
          await deps.stepHistory.record(identity, [{ step: 'creating-account', outcome: 'not-adopted' }])
          return 'try-alias'
        }
        if (found !== null && found !== 'not-adopted') return found
        if (error.refusal === 'handle-taken') return 'try-other-handle'
        if (await isAddressOfLinkedAccount(identity, intent)) return 'try-alias'
        throw error
      }
      default: {
        // The invite code cannot be used now: a new one is stored for the next round.
        const inviteCode = await pds.inviteCode({ fresh: true })
        await intents.recordAttempt(identity, { handle: byCode, alias: intent.alias, inviteCode })
        throw error
      }
    }
  }

  async function isAddressOfLinkedAccount(identity: string, { alias, email }: Intent): Promise<boolean> {
    return alias === null && (await linked.holdAddress(identity, email))
  }

  /** An account that opens with the password of the intent was created by an earlier attempt of Holdfast. */
  async function findOwnAccount(intent: Intent): Promise<ProvenAccount | null> {
    const found = await findAccountByIntent(pds, intent)
    return found === null ? null : { ...found, proof: 'login' }
  }

  async function rememberOwnAccount(identity: string, intent: Intent, did: string): Promise<void> {
    const found = await findOwnAccount(intent)
    if (found?.did !== did) return
    const { handle, proof } = found
    await personMemory.rememberAccount(identity, { did, handle, proof })
  }

  /**
   * Adopts an account under the person's own user code, with their verified address or its alias, whose password is not
   * stored: the previous system created it for them, or somebody who saw the code did. It is adopted only if `adoption`
   * allows it: a new password is set, and sessions and app passwords are revoked. Otherwise the person gets an account
   * of their own, and the operator is notified. It is not adopted either where it belongs to another person by now, or
   * where the new password does not open it (it was taken down, say), since its app passwords would stay.
   */
  async function adoptLegacyAccount(
    identity: string,
    { email, password }: Intent,
    byCode: string,
  ): Promise<ProvenAccount | 'not-adopted' | null> {
    const found = await pds.accountByHandle(byCode)
    if (!found?.email || !isAddressOf(tenantOf(identity).name, email, found.email)) return null
    const { did, handle } = found
    if (await personMemory.belongsToAnother(identity, did)) return null
    if (!(await adoption.isAllowed(found))) {
      await personMemory.noteStranger(identity, did)
      return 'not-adopted'
    }
    await pds.setPassword(did, password)
    if (!(await pds.revokeAppPasswords({ did, password }))) return null
    return { did, handle, proof: 'code-and-address' }
  }

  async function persistAccount(
    identity: string,
    intent: Intent,
    { did, handle, proof }: ProvenAccount,
    made?: { readonly chosen: string | null } | 'recovered',
  ): Promise<EnsuredAccount | null> {
    const password = deps.storedPassword(identity, intent.password)
    if (!(await users.recordAccount(identity, { did, handle, password }))) return null
    await personMemory.rememberAccount(identity, { did, handle, proof })
    await reconcile(identity, intent, { did, handle }, made)
    return { did, handle }
  }
}
