import { PdsRefusedError } from '../../../adapters/pds/errors.ts'
import type { HandleSyncResult } from '../../../contracts/atproto/handle-sync.ts'
import { addressesBehind } from '../../../domain/atproto/alias.ts'
import {
  handleChoice,
  handleUnder,
  isReservedHandle,
  suffixedHandles,
} from '../../../domain/atproto/handle.ts'
import type { Handles } from '../../../adapters/mongo/handles.ts'
import type { Users } from '../../../adapters/mongo/users.ts'
import type { Pds } from '../../../adapters/pds/pds.ts'
import type { PersonMemory } from '../../../state/mongo/atproto/person-memory.ts'
import type { TenantOf } from '../tenants.ts'
import type { LinkedIdentities } from './linked-identities.ts'

export interface HandleDeps {
  readonly users: Users
  readonly personMemory: PersonMemory
  readonly handles: Handles
  readonly pds: Pds
  readonly tenantOf: TenantOf
  readonly handleDomain: string
  /** The password in the clear, from the plain and from the sealed form. */
  readonly openedPassword: (identity: string, stored: string) => string
}

/**
 * Makes the handle of an existing account follow the application's: first at the PDS, then in `users.atproto.handle`.
 */
export function createHandleActivity(
  deps: HandleDeps,
  linked: Pick<LinkedIdentities, 'inheritableHandleLabel'>,
) {
  const { users, personMemory, handles, pds, handleDomain } = deps

  return async ({ identity }: { identity: string }): Promise<HandleSyncResult> => {
    const user = await users.load(identity)
    const own = await handles.chosenBy(identity)
    const choice = handleChoice(own, user?.code, handleDomain)
    if (!user?.atproto?.did) return { outcome: 'no-account', handle: null, wanted: choice.wanted }
    const { did, handle: recorded, password } = user.atproto
    const account = await pds.accountByDid(did)
    if (account === null) return { outcome: 'account-gone', handle: null, wanted: choice.wanted }
    const inherited = own === null ? await inheritedHandle(identity, account) : null
    const { wanted, byCode } = { ...choice, wanted: inherited ?? choice.wanted }

    const opened = password ? deps.openedPassword(identity, password) : null
    const suffixed = suffixedHandles(user.code ?? '', handleDomain)
    const handle = await setHandle(did, account.handle, opened, wanted, byCode, suffixed)
    if (handle !== recorded) {
      await users.recordHandle(identity, { did, handle })
      await personMemory.rememberHandle(identity, { did, handle })
    }
    if (wanted !== null && handle !== wanted) return { outcome: 'fell-back', handle, wanted }
    return { outcome: handle === account.handle ? 'same' : 'changed', handle, wanted }
  }

  /** The handle chosen by a linked identity; an account without a chosen handle of its own keeps it. */
  async function inheritedHandle(
    identity: string,
    { handle, email }: { handle: string; email: string | null },
  ): Promise<string | null> {
    for (const address of email === null ? [] : addressesBehind(email, deps.tenantOf(identity).name)) {
      const label = await linked.inheritableHandleLabel(identity, address)
      if (label !== null && handleUnder(label, handleDomain) === handle) return handle
    }
    return null
  }

  /**
   * Returns the handle that the account ends up with: the wanted one, else the code's, else its current one; one with a
   * suffix stays while a stranger's account has the code's.
   */
  async function setHandle(
    did: string,
    current: string,
    password: string | null,
    wanted: string | null,
    byCode: string | null,
    suffixed: readonly string[],
  ): Promise<string> {
    if (wanted !== null && (wanted === current || (await trySetHandle(did, wanted, password)) === null))
      return wanted
    if (byCode === null || byCode === current) return current
    const refusal = await trySetHandle(did, byCode, password)
    if (refusal?.refusal === 'handle-taken' && suffixed.includes(current)) return current
    if (refusal !== null) throw refusal
    return byCode
  }

  /** Null when the account has the handle now; otherwise the refusal, where it concerns the handle. */
  async function trySetHandle(
    did: string,
    handle: string,
    password: string | null,
  ): Promise<PdsRefusedError | null> {
    try {
      // Changed in the person's name first, so that the PDS applies its rules for users; for a person who changed their
      // password, it is changed as the admin.
      if (password !== null && (await pds.changeHandle({ did, password, handle }))) return null
      const holder = isReservedHandle(handle) ? 'reserved' : await pds.accountByHandle(handle)
      if (holder === 'reserved') return new PdsRefusedError('handle-unfit', undefined)
      if (holder !== null && holder.did !== did) return new PdsRefusedError('handle-taken', undefined)
      await pds.changeHandleAsAdmin(did, handle)
      return null
    } catch (error) {
      const ofHandle = error instanceof PdsRefusedError && error.refusal.startsWith('handle-')
      if (!ofHandle) throw error
      return error
    }
  }
}
