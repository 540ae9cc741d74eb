import { handleUnder } from '../domain/handle.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { isAddressOf } from '../domain/alias.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import type { AccountRemoval } from './deletion.ts'

/**
 * The account in `users`, and what a creation that was cut short left: an account that opens with the intent's
 * password, or one under the person's own code with their address. An account that is only like theirs stays.
 */
export function createAccountRemoval(deps: AtprotoDeps) {
  const { users, intents, pds, handleDomain, tenantOf } = deps

  return async ({ identity }: { identity: string }): Promise<AccountRemoval> => {
    let removed = 0
    for (const did of await accountsOf(identity)) removed += await remove(did)
    return { removed, unsettled: (await intents.load(identity))?.attempted ?? false }
  }

  async function accountsOf(identity: string): Promise<Set<string>> {
    const user = await users.load(identity)
    const intent = await intents.load(identity)
    const found = new Set<string>()
    if (user?.atproto?.did) found.add(user.atproto.did)
    if (intent === null || !intent.attempted) return found
    const aimedAt = intent.alias === null ? [intent.email] : [intent.alias, intent.email]
    for (const email of [...aimedAt, ...intent.earlierEmails]) {
      const opened = await pds.accountByLogin(email, intent.password)
      if (opened !== null) found.add(opened.did)
    }
    if (user?.code) {
      const { name } = tenantOf(identity)
      const held = await pds.accountByHandle(handleUnder(user.code, handleDomain))
      if (held !== null && isAddressOf(name, intent.email, held.email)) found.add(held.did)
    }
    return found
  }

  /** Its answer is 200 for an account that never was, so only a look proves anything. */
  async function remove(did: string): Promise<number> {
    if ((await pds.accountByDid(did)) === null) return 0
    await pds.deleteAccount(did)
    if ((await pds.accountByDid(did)) !== null) {
      throw new OutsideError('pds-failing', 'an account is there after its deletion', {
        detail: { answer: 'the account is there after its deletion' },
      })
    }
    return 1
  }
}
