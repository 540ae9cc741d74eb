import type { ListedUser, UserList } from '../../adapters/auth0/search.ts'
import type { MissingRecords } from '../../adapters/mongo/missing-records.ts'
import type { TenantName } from '../../config/atproto/tenants.ts'
import { idDefect } from '../../domain/identity.ts'
import type { Intake, ListedPerson } from '../intake.ts'
import { foreignTenantDefect } from './foreign-tenant.ts'
import type { AdmitLost } from './lost-records.ts'

export interface ListedUsersDeps {
  readonly intake: Pick<Intake, 'takeListed' | 'refuse'>
  readonly missingRecords: MissingRecords
  readonly admitLost: AdmitLost
  readonly tenants: readonly TenantName[]
  readonly hash: (value: string) => string
}

/**
 * Takes users from a list, for whom no event arrived: newly `created` ones without records, `verified` ones without an
 * account. Returns the number of notified users. A user whose id cannot be used is quarantined.
 */
export type TakeListedUsers = (
  tenant: TenantName,
  list: UserList,
  users: readonly ListedUser[],
) => Promise<number>

export function createListedUsers(deps: ListedUsersDeps): TakeListedUsers {
  const { intake, missingRecords, admitLost, tenants, hash } = deps
  return async (tenant, list, users) => {
    const wrongWith = (userId: string): string | null =>
      idDefect(userId) ?? foreignTenantDefect(userId, { tenant, tenants })
    const refused = users.flatMap(({ userId }) => {
      const wrong = wrongWith(userId)
      if (wrong === null) return []
      const content = JSON.stringify({ listed: list, user_id: userId })
      return [{ content, original: null, reason: `a listed user whose user_id ${wrong}` }]
    })
    if (refused.length > 0) await intake.refuse(tenant.name, refused)
    const usable = users.filter(({ userId }) => wrongWith(userId) === null)
    const people = usable.map(({ userId, at }): ListedPerson => {
      const identity = tenant.idPrefix + userId
      const hint = list === 'created' ? {} : { hint: 'emailVerified' as const }
      return { identity, changeId: hash(`${list} ${identity} ${at}`), ...hint }
    })
    const identities = people.map(({ identity }) => identity)
    const lacking =
      list === 'created'
        ? await missingRecords.withoutRecords(identities)
        : await missingRecords.withoutAccount(identities)
    const incomplete = people.filter(({ identity }) => lacking.has(identity))
    return intake.takeListed(tenant.name, incomplete, (fresh) =>
      admitLost(fresh, list === 'created' ? 'records' : 'account'),
    )
  }
}
