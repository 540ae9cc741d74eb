import type { AccountRemoval } from '../../../contracts/deletion.ts'
import type { Users } from '../../../adapters/mongo/users.ts'
import type { DeletionDeps } from '../../deletion/activities.ts'
import type { DeletionAnswers } from '../../deletion/answers.ts'
import { withFailureMapping } from '../../lib/failures.ts'
import { withHeartbeat } from '../../lib/heartbeat.ts'
import type { TenantOf } from '../tenants.ts'
import { createAccountRemoval, type AccountRemovalDeps } from './account.ts'
import { auth0People } from './auth0-people.ts'

export interface PdsDeletionActivities {
  /** Removes every account that is provably the person's, and checks that it is gone. */
  deletePdsAccounts(person: { readonly identity: string }): Promise<AccountRemoval>
}

export interface AtprotoDeletionDeps extends Omit<DeletionDeps, 'system' | 'provider' | 'recordsCreatedAt'> {
  readonly tenantOf: TenantOf
  readonly users: Users
}

/** Auth0's people, and when their user record was made. */
export function createAtprotoDeletion({
  tenantOf,
  users,
  personalData,
}: Pick<AtprotoDeletionDeps, 'tenantOf' | 'users' | 'personalData'>): DeletionAnswers {
  return {
    provider: auth0People(tenantOf),
    async recordsCreatedAt(identity) {
      const when = (await users.load(identity))?.when
      return when instanceof Date ? when : null
    },
    personalData,
  }
}

export type PdsDeletionDeps = AccountRemovalDeps

export function createPdsDeletionActivities(deps: PdsDeletionDeps): PdsDeletionActivities {
  return { deletePdsAccounts: withHeartbeat(withFailureMapping(createAccountRemoval(deps))) }
}
