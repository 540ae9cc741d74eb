import type { Auth0Person } from '../../adapters/auth0/auth0.ts'
import type { PdsAccountStatus } from '../../adapters/pds/reader.ts'
import type { RememberedRecords } from '../../contracts/atproto/recovery.ts'
import type { StoreAnswer } from '../../contracts/why.ts'
import type { StoredPerson } from '../../domain/atproto/gap-rules.ts'
import { storeAnswer, type StoreResult } from '../query-store.ts'

interface Answers {
  readonly auth0: StoreResult<Auth0Person | null>
  readonly stored: StoreResult<StoredPerson>
  readonly memory: StoreResult<RememberedRecords | null>
  readonly pds: StoreResult<PdsAccountStatus | null>
}

/** The present state of the stores, in words. Addresses are compared, never shown. */
export function storeAnswers({ auth0, stored, memory, pds }: Answers): StoreAnswer[] {
  const address = auth0.asked ? (auth0.value?.email ?? null) : null
  return [
    storeAnswer('Auth0', auth0, (person) => {
      if (person === null) return 'does not know this person'
      const email =
        person.email === null ? 'no e-mail' : person.emailVerified ? 'e-mail verified' : 'e-mail not verified'
      return `${email}, signed up ${person.createdAt.toISOString()}`
    }),
    storeAnswer('verifications', stored, ({ verifications }) =>
      verifications === null ? 'no record' : `count ${verifications}`,
    ),
    storeAnswer('users', stored, ({ user }) => {
      if (user === null) return 'no record'
      const code = typeof user.code === 'string' && user.code !== '' ? `code ${user.code}` : 'no code'
      const account = user.did === null ? 'no account' : `${user.did}, handle ${user.handle ?? 'none'}`
      return `${code}, ${account}`
    }),
    storeAnswer('@handles', stored, ({ chosenHandle }) =>
      chosenHandle === null ? 'none chosen' : `chose ${chosenHandle}`,
    ),
    storeAnswer('Holdfast', memory, (known) => {
      if (known === null) return 'has no record of this person'
      const account = known.account === null ? 'no account' : `${known.account.did} (${known.account.proof})`
      return `has recorded code ${known.code}, ${account}`
    }),
    storeAnswer('PDS', pds, (account) => {
      if (account === null) return 'no account'
      const state = account.deactivated ? 'deactivated' : account.active ? 'active' : 'taken down'
      return `${account.did}, handle ${account.handle}, ${state}${sameAddress(account.email, address)}`
    }),
  ]
}

function sameAddress(account: string | null, provider: string | null): string {
  if (account === null || provider === null) return ''
  return account.toLowerCase() === provider.toLowerCase()
    ? ", Auth0's address"
    : ', a different address than at Auth0'
}
