import type { Users } from '../../../adapters/mongo/users.ts'
import type { Pds, PdsAccount } from '../../../adapters/pds/pds.ts'
import { OutsideError } from '../../../domain/outside-error.ts'
import type { Plc } from '../../../adapters/pds/plc.ts'

/** Most accounts tried for a session, from which the PDS's own keys are read. */
const TRIED = 5

export interface Adoption {
  /**
   * Whether an account under a person's code, with their verified address, may be taken for one that the previous
   * system created for them: only one created before HOLDFAST_ADOPT_BEFORE, and only where no key but the PDS's own
   * could ever change its DID. Both facts come from the PDS and the directory, and the owner of an account cannot forge
   * them: the date is that of the account at this PDS, not of the DID, which may be older.
   */
  isAllowed(account: PdsAccount & { readonly createdAt: Date | null }): Promise<boolean>
}

export interface AdoptionDeps {
  readonly users: Users
  readonly pds: Pds
  readonly plc: Plc
  /** Accounts that the previous system created before this may be adopted; null for none. */
  readonly adoptBefore: Date | null
  readonly openedPassword: (identity: string, stored: string) => string
}

/** Opens a session once for each process, and reads the keys of each DID. */
export function createAdoption({ users, pds, plc, adoptBefore, openedPassword }: AdoptionDeps): Adoption {
  let own: readonly string[] | null = null

  const keysOfPds = async (): Promise<readonly string[]> => {
    if (own !== null) return own
    for (const { identity, did, password } of await users.withPassword(TRIED)) {
      own = await pds.ownRotationKeys({ did, password: openedPassword(identity, password) })
      if (own !== null) return own
    }
    throw new OutsideError(
      'pds-keys-unknown',
      'no stored password opens an account, so no session names the keys',
    )
  }

  return {
    async isAllowed({ did, createdAt }) {
      if (adoptBefore === null || createdAt === null || createdAt >= adoptBefore) return false
      const keys = await plc.rotationKeys(did)
      if (keys === null || keys.length === 0) return false
      const ofPds = await keysOfPds()
      return keys.every((key) => ofPds.includes(key))
    },
  }
}
