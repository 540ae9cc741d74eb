import type { AccountRemoval } from '../../../contracts/deletion.ts'
import { handleUnder } from '../../../domain/atproto/handle.ts'
import { OutsideError } from '../../../domain/outside-error.ts'
import { isAddressOf } from '../../../domain/atproto/alias.ts'
import type { Pds } from '../../../adapters/pds/pds.ts'
import type { Intents } from '../../../state/mongo/atproto/intents.ts'
import type { PersonMemory } from '../../../state/mongo/atproto/person-memory.ts'
import type { TenantOf } from '../tenants.ts'
import type { Switches } from '../../../state/ports/switches.ts'
import type { Tombstones } from '../../../state/ports/tombstones.ts'

export interface AccountRemovalDeps {
  readonly personMemory: PersonMemory
  readonly intents: Intents
  readonly pds: Pds
  readonly handleDomain: string
  readonly tenantOf: TenantOf
  readonly switches: Pick<Switches, 'assertNotPaused'>
  readonly tombstones: Tombstones
  readonly addressHash: (identity: string) => string
}

/**
 * Removes the account in `users`, or the one that Holdfast remembers where that record was lost, and accounts that an
 * interrupted creation left: one that opens with the intent's password, or one under the person's own code with their
 * address. An account that merely resembles theirs stays. So does one that another person has by now, since the
 * application merged the two: either the other's user record names it, or the person's own record does not and Holdfast
 * remembers it as the other's. A person who is being deleted too keeps no account.
 */
export function createAccountRemoval(deps: AccountRemovalDeps) {
  const { personMemory, intents, pds, handleDomain, tenantOf, switches, tombstones, addressHash } = deps

  return async ({ identity }: { identity: string }): Promise<AccountRemoval> => {
    await switches.assertNotPaused('deletions')
    let removed = 0
    const { own, found } = await accountsOf(identity)
    const leftTo = new Set<string>()
    for (const did of found) {
      if ((await pds.accountByDid(did)) === null) continue
      const others = await livingOthers(identity, did, did === own)
      for (const other of others) leftTo.add(addressHash(other))
      if (others.length === 0) removed += await remove(did)
    }
    const unsettled = (await intents.load(identity))?.attempted ?? false
    return { removed, unsettled, ...(leftTo.size === 0 ? {} : { leftTo: [...leftTo].toSorted() }) }
  }

  async function livingOthers(identity: string, did: string, isOwn: boolean): Promise<string[]> {
    const { named, remembered } = await personMemory.othersWith(identity, did)
    const others = [...new Set(isOwn ? named : [...named, ...remembered])]
    if (others.length === 0) return []
    const deleted = await tombstones.findAll(others)
    // A record that exists after a deletion ended belongs to a person who was created again.
    return others.filter((other) => deleted.get(other)?.finishedAt !== null)
  }

  /** `own`: the account that the person's user record names. */
  async function accountsOf(identity: string): Promise<{ own: string | undefined; found: Set<string> }> {
    const { user, remembered } = await personMemory.loadWithUser(identity)
    const intent = await intents.load(identity)
    const found = new Set<string>()
    const own = user?.atproto?.did
    if (own) found.add(own)
    else if (remembered?.account) found.add(remembered.account.did)
    if (intent === null || !intent.attempted) return { own, found }
    const aimedAt = intent.alias === null ? [intent.email] : [intent.alias, intent.email]
    for (const email of [...aimedAt, ...intent.earlierEmails]) {
      const opened = await pds.accountByLogin(email, intent.password)
      if (opened !== null) found.add(opened.did)
    }
    const code = user?.code ?? remembered?.code
    if (code) {
      const { name } = tenantOf(identity)
      const held = await pds.accountByHandle(handleUnder(code, handleDomain))
      if (held !== null && isAddressOf(name, intent.email, held.email)) found.add(held.did)
    }
    return { own, found }
  }

  /**
   * Deletes an account and checks that it is gone, since the PDS answers 200 also for an account that never existed.
   */
  async function remove(did: string): Promise<number> {
    await pds.deleteAccount(did)
    if ((await pds.accountByDid(did)) !== null) {
      throw new OutsideError('pds-failing', 'an account exists after its deletion', {
        detail: { answer: 'the account exists after its deletion' },
      })
    }
    return 1
  }
}
