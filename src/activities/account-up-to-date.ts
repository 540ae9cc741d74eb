import type { Intent } from '../adapters/mongo/intents.ts'
import { PdsRefusedError } from '../adapters/pds-errors.ts'
import type { PdsAccount } from '../adapters/pds.ts'
import { aliasFor, isAddressOf } from '../domain/alias.ts'
import { handleLabel, handleUnder } from '../domain/handle.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createSisters } from './atproto-sister.ts'
import { isPdsFault } from './failures.ts'

/**
 * The last part of the account step: the account stands in `users`, and what changed while it was made, or since,
 * follows. The intent goes last, so that a worker that dies in between leaves it to the next. `made` is said when the
 * account was made or found just now, with the label it was made for: then most of it needs no look.
 */
export async function bringUpToDate(
  deps: AtprotoDeps,
  identity: string,
  intent: Intent,
  account: PdsAccount,
  made?: { readonly chosen: string | null },
): Promise<void> {
  if (made === undefined || intent.attempted) await followAddress(deps, identity, intent, account.did)
  if (made !== undefined || intent.attempted) await followHandle(deps, identity, account.handle, made?.chosen)
  await deps.intents.settle(identity)
}

/** Looks before it writes. An account that is gone is left to the audit: nobody asked for a new one. */
async function followAddress(
  deps: AtprotoDeps,
  identity: string,
  { email }: Intent,
  did: string,
): Promise<void> {
  const { pds } = deps
  const { name } = deps.tenantOf(identity)
  const found = await pds.accountByDid(did)
  if (found === null || isAddressOf(name, email, found.email)) return
  try {
    await pds.setEmail(did, email)
  } catch (error) {
    // A sister's account that was taken down holds the address too, and answers like a fault of the PDS.
    if (!(error instanceof PdsRefusedError) && !isPdsFault(error)) throw error
    const now = await pds.accountByDid(did) // a run beside us may have been first
    if (isAddressOf(name, email, now?.email ?? null)) return
    if (!(await createSisters(deps).holdAddress(identity, email))) throw error
    await pds.setEmail(did, aliasFor(email, name))
  }
}

/**
 * A handle chosen while the account was made: whoever watches `@handles` saw no account yet. The account stands in
 * `users` by now, so from here on they see it.
 */
async function followHandle(
  { handles, handleDomain, handleSyncs, tenantOf }: AtprotoDeps,
  identity: string,
  handle: string,
  before?: string | null,
): Promise<void> {
  const label = handleLabel((await handles.chosenBy(identity)) ?? '')
  const same =
    before === undefined ? label === null || handleUnder(label, handleDomain) === handle : label === before
  if (!same) {
    await handleSyncs.ask({ tenant: tenantOf(identity).name, identity })
  }
}
