import type { Intent } from '../adapters/mongo/intents.ts'
import { PdsRefusedError } from '../adapters/pds-errors.ts'
import type { PdsAccount } from '../adapters/pds.ts'
import { aliasFor } from '../domain/alias.ts'
import { handleLabel, handleUnder } from '../domain/handle.ts'
import { UNDER_WAY_MS } from '../domain/under-way.ts'
import type { AccountMade } from './atproto.ts'
import { bringUpToDate } from './account-up-to-date.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createSisters } from './atproto-sister.ts'
import { isPdsFault } from './failures.ts'
import { evenIfUnwanted } from './lib/still-wanted.ts'
import { deletionUnderWay } from './tombstoned.ts'

/**
 * createAccount is not idempotent and its answer can be lost, so: intent first, then a look at what an earlier
 * attempt left, then the call; and when the PDS says "taken", a look at whether it was us.
 */
export function createAccountActivity(deps: AtprotoDeps) {
  const { users, handles, intents, pds, tenantOf, handleDomain } = deps
  const sisters = createSisters(deps)

  return async ({
    identity,
    onlyBegun = false,
  }: {
    identity: string
    onlyBegun?: boolean
  }): Promise<AccountMade | null> => {
    const user = await users.load(identity)
    const intent = await intents.load(identity)
    if (user?.atproto?.did) {
      const { did, handle = '' } = user.atproto
      if (intent !== null) await bringUpToDate(deps, identity, intent, { did, handle })
      return { did, handle }
    }
    if (intent === null || !user?.code) return null
    await pds.openForAccounts() // told before anything is asked or aimed

    const left = intent.attempted ? await ours(intent) : null
    if (left !== null) return keep(identity, intent, left)
    if (onlyBegun) return null
    const byCode = handleUnder(user.code, handleDomain)
    const own = await handles.chosenBy(identity)
    const chosen = handleLabel(own ?? '')
    const label = own === null ? await sisters.labelToInherit(identity, intent.email) : chosen
    const wanted = label === null ? [byCode] : [handleUnder(label, handleDomain), byCode]
    return keep(identity, intent, await create(identity, intent, wanted, byCode), { chosen })
  }

  /** Tries the handles in turn. Refusals that concern neither handle nor address go up as they are. */
  async function create(
    identity: string,
    intent: Intent,
    wanted: string[],
    byCode: string,
  ): Promise<PdsAccount> {
    const [handle, ...others] = wanted
    if (handle === undefined) throw new Error('no handle to try')
    const inviteCode = intent.inviteCode ?? (await pds.inviteCode())
    const { alias } = intent
    await intents.aim(identity, { handle, alias, inviteCode })
    try {
      return await createUnlessDeleted(identity, { ...intent, inviteCode }, handle)
    } catch (error) {
      const found = await answer(identity, intent, error, byCode)
      if (found === 'try-alias') {
        const aliased = aliasFor(intent.email, tenantOf(identity).name)
        return create(identity, { ...intent, inviteCode, alias: aliased }, wanted, byCode)
      }
      if (found !== 'try-other-handle') return found
      if (others.length === 0) throw error
      return create(identity, { ...intent, inviteCode }, others, byCode)
    }
  }

  /** The last moment to say no, and the first after the call: the deletion waits for one that is on its way. */
  async function createUnlessDeleted(identity: string, intent: Intent, handle: string): Promise<PdsAccount> {
    const { alias, email, password, inviteCode } = intent
    const tombstone = await deps.tombstones.find(identity)
    if (tombstone !== null) throw deletionUnderWay(tombstone)
    let made: PdsAccount | null = null
    try {
      made = await pds.createAccount({ handle, email: alias ?? email, password, inviteCode })
      return made
    } finally {
      await evenIfUnwanted(() => leaveToDeletion(identity, { ...intent, handle }, made))
    }
  }

  /**
   * A worker may sleep for minutes before its call, through the whole of a deletion. It gives back what the account is
   * found by and has the deletion look once more; where that may have looked for the last time, it takes away itself
   * what it knows it made. By now it may have been cancelled, as the deletion stopped its signup.
   */
  async function leaveToDeletion(identity: string, intent: Intent, made: PdsAccount | null): Promise<void> {
    const tombstone = await deps.tombstones.find(identity)
    if (tombstone === null) return
    await intents.putBack(identity, intent)
    await deps.deletions.sweep({ tenant: tenantOf(identity).name, identity })
    // A deletion waits for calls that are under way, and then looks at the PDS.
    const looked = tombstone.finishedAt !== null || Date.now() - tombstone.at.getTime() > UNDER_WAY_MS.account
    if (made !== null && looked) await pds.deleteAccount(made.did)
    throw deletionUnderWay(tombstone)
  }

  /** Our own account behind a refusal, or what to try next; throws where nothing will help. */
  async function answer(
    identity: string,
    intent: Intent,
    error: unknown,
    byCode: string,
  ): Promise<PdsAccount | 'try-other-handle' | 'try-alias'> {
    if (!(error instanceof PdsRefusedError)) {
      // A sister's account that was taken down, or made in the same moment, answers like a fault of the PDS.
      if (isPdsFault(error) && (await sisterHasAddress(identity, intent))) return 'try-alias'
      throw error
    }
    switch (error.refusal) {
      case 'handle-unfit':
        return 'try-other-handle'
      case 'handle-taken':
      case 'email-taken': {
        const found = (await ours(intent)) ?? (await halfMade(identity, intent, byCode))
        if (found !== null) return found
        if (error.refusal === 'handle-taken') return 'try-other-handle'
        if (await sisterHasAddress(identity, intent)) return 'try-alias'
        throw error
      }
      default: {
        // An invite code we cannot use any longer: the next round draws a new one.
        const inviteCode = await pds.inviteCode({ fresh: true })
        await intents.aim(identity, { handle: byCode, alias: intent.alias, inviteCode })
        throw error
      }
    }
  }

  async function sisterHasAddress(identity: string, { alias, email }: Intent): Promise<boolean> {
    return alias === null && (await sisters.holdAddress(identity, email))
  }

  /** An account that opens with the password of our intent was made by an earlier attempt of ours. */
  async function ours(intent: Intent): Promise<PdsAccount | null> {
    const aimedAt = intent.alias === null ? [intent.email] : [intent.alias, intent.email]
    for (const email of [...aimedAt, ...intent.earlierEmails]) {
      const found = await pds.accountByLogin(email, intent.password)
      if (found !== null) return found
    }
    return null
  }

  /**
   * An account under the person's own user code, with their verified address or its alias, whose password nobody
   * kept: made for them by the system before us. No stranger can know the code, so it is adopted and its password
   * set anew.
   */
  async function halfMade(identity: string, { email, password }: Intent, byCode: string) {
    const found = await pds.accountByHandle(byCode)
    const theirs = [email, aliasFor(email, tenantOf(identity).name)].map((one) => one.toLowerCase())
    if (!found?.email || !theirs.includes(found.email.toLowerCase())) return null
    await pds.setPassword(found.did, password)
    return found
  }

  async function keep(
    identity: string,
    intent: Intent,
    { did, handle }: PdsAccount,
    made?: { readonly chosen: string | null },
  ): Promise<AccountMade | null> {
    const password = deps.storedPassword(identity, intent.password)
    if (!(await users.recordAccount(identity, { did, handle, password }))) return null
    await bringUpToDate(deps, identity, intent, { did, handle }, made)
    return { did, handle }
  }
}
