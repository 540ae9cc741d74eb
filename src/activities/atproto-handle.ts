import { PdsRefusedError } from '../adapters/pds-errors.ts'
import type { HandleSynced } from '../contracts/handle-sync.ts'
import { unaliased } from '../domain/alias.ts'
import { handleChoice, handleUnder, isReservedHandle } from '../domain/handle.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createSisters } from './atproto-sister.ts'

/** The handle of an account that exists follows the application's: the PDS first, then `users.atproto.handle`. */
export function createHandleActivity(deps: AtprotoDeps) {
  const { users, handles, pds, handleDomain } = deps
  const sisters = createSisters(deps)

  return async ({ identity }: { identity: string }): Promise<HandleSynced> => {
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
    const handle = await settled(did, account.handle, opened, wanted, byCode)
    if (handle !== recorded) await users.recordHandle(identity, { did, handle })
    if (wanted !== null && handle !== wanted) return { outcome: 'fell-back', handle, wanted }
    return { outcome: handle === account.handle ? 'same' : 'changed', handle, wanted }
  }

  /** What a sister tenant's person chose: kept by an account that has none of its own to follow. */
  async function inheritedHandle(
    identity: string,
    { handle, email }: { handle: string; email: string | null },
  ): Promise<string | null> {
    for (const address of email === null ? [] : unaliased(email, deps.tenantOf(identity).name)) {
      const label = await sisters.labelToInherit(identity, address)
      if (label !== null && handleUnder(label, handleDomain) === handle) return handle
    }
    return null
  }

  /** The handle the account has in the end: the wanted one, else the code's, else the one it has. */
  async function settled(
    did: string,
    current: string,
    password: string | null,
    wanted: string | null,
    byCode: string | null,
  ): Promise<string> {
    if (wanted !== null && (wanted === current || (await given(did, wanted, password)) === null))
      return wanted
    if (byCode === null || byCode === current) return current
    const refusal = await given(did, byCode, password)
    if (refusal !== null) throw refusal
    return byCode
  }

  /** Null when the account has the handle now; else the refusal, where it is one of the handle. */
  async function given(
    did: string,
    handle: string,
    password: string | null,
  ): Promise<PdsRefusedError | null> {
    try {
      // As the person, the PDS judges it as it judges everybody's; whoever changed their password is served by the admin.
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
