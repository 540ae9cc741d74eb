import type { Intent } from '../adapters/mongo/intents.ts'
import { PdsRefusedError } from '../adapters/pds-errors.ts'
import type { PdsAccount } from '../adapters/pds.ts'
import { handleLabel, handleUnder } from '../domain/handle.ts'
import type { AccountMade } from './atproto.ts'
import { bringUpToDate } from './account-up-to-date.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { deletionUnderWay } from './tombstoned.ts'

/**
 * createAccount is not idempotent and its answer can be lost, so: intent first, then a look at what an earlier
 * attempt left, then the call; and when the PDS says "taken", a look at whether it was us.
 */
export function createAccountActivity(deps: AtprotoDeps) {
  const { users, handles, intents, pds, handleDomain } = deps

  return async ({ identity }: { identity: string }): Promise<AccountMade | null> => {
    const user = await users.load(identity)
    const intent = await intents.load(identity)
    if (user?.atproto?.did) {
      const { did, handle = '' } = user.atproto
      if (intent !== null) await bringUpToDate(deps, identity, intent, { did, handle })
      return { did, handle }
    }
    if (intent === null || !user?.code) return null

    const byCode = handleUnder(user.code, handleDomain)
    const chosen = handleLabel((await handles.chosenBy(identity)) ?? '')
    const wanted = chosen === null ? [byCode] : [handleUnder(chosen, handleDomain), byCode]
    const account =
      (intent.attempted ? await ours(intent) : null) ?? (await create(identity, intent, wanted, byCode))
    return keep(identity, intent, account, chosen)
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
    await intents.aim(identity, handle, inviteCode)
    const { email, password } = intent
    // The last moment to say no; the deletion waits for a call that is on its way.
    if ((await deps.tombstones.find(identity)) !== null) throw deletionUnderWay()
    try {
      return await pds.createAccount({ handle, email, password, inviteCode })
    } catch (error) {
      if (!(error instanceof PdsRefusedError)) throw error
      const found = await answer(identity, intent, error, byCode)
      if (found !== null) return found
      if (others.length === 0) throw error
      return create(identity, { ...intent, inviteCode }, others, byCode)
    }
  }

  /** Our own account behind a refusal; null where the next handle should be tried; throws where nothing will help. */
  async function answer(identity: string, intent: Intent, error: PdsRefusedError, byCode: string) {
    switch (error.refusal) {
      case 'handle-unfit':
        return null
      case 'handle-taken':
      case 'email-taken': {
        const found = (await ours(intent)) ?? (await halfMade(intent, byCode))
        if (found === null && error.refusal === 'email-taken') throw error
        return found
      }
      default:
        // An invite code we cannot use any longer: the next round draws a new one.
        await intents.aim(identity, byCode, await pds.inviteCode({ fresh: true }))
        throw error
    }
  }

  /** An account that opens with the password of our intent was made by an earlier attempt of ours. */
  async function ours(intent: Intent): Promise<PdsAccount | null> {
    for (const email of [intent.email, ...intent.earlierEmails]) {
      const found = await pds.accountByLogin(email, intent.password)
      if (found !== null) return found
    }
    return null
  }

  /**
   * An account under the person's own user code, with their verified address, whose password nobody kept: made for
   * them by the system before us. No stranger can know the code, so it is adopted and its password set anew.
   */
  async function halfMade(intent: Intent, byCode: string): Promise<PdsAccount | null> {
    const found = await pds.accountByHandle(byCode)
    if (found?.email?.toLowerCase() !== intent.email.toLowerCase()) return null
    await pds.setPassword(found.did, intent.password)
    return found
  }

  async function keep(
    identity: string,
    intent: Intent,
    { did, handle }: PdsAccount,
    chosen: string | null,
  ): Promise<AccountMade | null> {
    const password = deps.storedPassword(identity, intent.password)
    if (!(await users.recordAccount(identity, { did, handle, password }))) return null
    await bringUpToDate(deps, identity, intent, { did, handle }, { chosen })
    return { did, handle }
  }
}
