import type { Handles } from '../../../adapters/mongo/handles.ts'
import { isPdsFault, PdsRefusedError } from '../../../adapters/pds/errors.ts'
import type { Pds, PdsAccount } from '../../../adapters/pds/pds.ts'
import type { HandleSyncs } from '../../../client/atproto/handle-syncs.ts'
import { aliasFor, isAddressOf } from '../../../domain/atproto/alias.ts'
import { handleLabel, handleUnder } from '../../../domain/atproto/handle.ts'
import type { Intent, Intents } from '../../../state/mongo/atproto/intents.ts'
import type { TenantOf } from '../tenants.ts'
import type { LinkedIdentities } from './linked-identities.ts'

export interface ReconciliationDeps {
  readonly intents: Intents
  readonly handles: Handles
  readonly pds: Pds
  readonly handleDomain: string
  readonly handleSyncs: HandleSyncs
  readonly tenantOf: TenantOf
}

/**
 * The last part of the account step: the account is recorded in `users`, and changes made since are applied to it. The
 * intent is discarded last, so that a worker that dies before leaves it to the next. `made` is set when the account was
 * created or found just now, with the label it was created for: then most of it needs no check. A recovered account is
 * as it was when its record was lost, so both address and handle are checked.
 */
export function createReconciliation(
  deps: ReconciliationDeps,
  linked: Pick<LinkedIdentities, 'holdAddress'>,
) {
  const { intents, handles, pds, handleDomain, handleSyncs, tenantOf } = deps

  return async (
    identity: string,
    intent: Intent,
    account: PdsAccount,
    made?: { readonly chosen: string | null } | 'recovered',
  ): Promise<void> => {
    if (made === undefined || made === 'recovered' || intent.attempted)
      await syncAddress(identity, intent, account.did)
    if (made !== undefined || intent.attempted)
      await requestHandleSync(identity, account.handle, made === 'recovered' ? undefined : made?.chosen)
    await intents.discard(identity, intent)
  }

  /** Checks before it writes. An account that is gone is left to the audit: no new one was requested. */
  async function syncAddress(identity: string, { email }: Intent, did: string): Promise<void> {
    const { name } = tenantOf(identity)
    const found = await pds.accountByDid(did)
    if (found === null || isAddressOf(name, email, found.email)) return
    try {
      await pds.setEmail(did, email)
    } catch (error) {
      // A linked account that was taken down holds the address too, and makes the PDS answer as if it failed itself.
      if (!(error instanceof PdsRefusedError) && !isPdsFault(error)) throw error
      const now = await pds.accountByDid(did) // another attempt may have been first
      if (isAddressOf(name, email, now?.email ?? null)) return
      if (!(await linked.holdAddress(identity, email))) throw error
      await pds.setEmail(did, aliasFor(email, name))
    }
  }

  /**
   * Requests a sync for a handle chosen while the account was created, when the watcher of `@handles` found no account.
   * The account is in `users` by now, so the watcher finds it from here on.
   */
  async function requestHandleSync(identity: string, handle: string, before?: string | null): Promise<void> {
    const label = handleLabel((await handles.chosenBy(identity)) ?? '')
    const same =
      before === undefined ? label === null || handleUnder(label, handleDomain) === handle : label === before
    if (!same) await handleSyncs.requestSync({ tenant: tenantOf(identity).name, identity })
  }
}
