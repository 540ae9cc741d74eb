import type { Auth0Person } from '../adapters/auth0.ts'
import type { PdsAccountNow } from '../adapters/pds-look.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import type { StoreAnswer } from '../contracts/why.ts'
import type { StoredPerson } from '../domain/judge.ts'
import type { Answered } from './ask.ts'

interface Answers {
  readonly auth0: Answered<Auth0Person | null>
  readonly stored: Answered<StoredPerson>
  readonly pds: Answered<PdsAccountNow | null>
  readonly temporal: Answered<SignupStatus | null>
}

/** What each store says now, in words. Addresses are compared, never shown. */
export function storeAnswers({ auth0, stored, pds, temporal }: Answers): StoreAnswer[] {
  const address = auth0.asked ? (auth0.value?.email ?? null) : null
  return [
    line('Auth0', auth0, (person) => {
      if (person === null) return 'does not know this person'
      const email =
        person.email === null ? 'no e-mail' : person.emailVerified ? 'e-mail verified' : 'e-mail not verified'
      return `${email}, signed up ${person.createdAt.toISOString()}`
    }),
    line('verifications', stored, ({ verifications }) =>
      verifications === null ? 'no record' : `count ${verifications}`,
    ),
    line('users', stored, ({ user }) => {
      if (user === null) return 'no record'
      const code = typeof user.code === 'string' && user.code !== '' ? `code ${user.code}` : 'no code'
      const account = user.did === null ? 'no account' : `${user.did}, handle ${user.handle ?? 'none'}`
      return `${code}, ${account}`
    }),
    line('@handles', stored, ({ chosen }) => (chosen === null ? 'none chosen' : `chose ${chosen}`)),
    line('PDS', pds, (account) => {
      if (account === null) return 'no account'
      const state = account.deactivated ? 'deactivated' : account.active ? 'active' : 'taken down'
      return `${account.did}, handle ${account.handle}, ${state}${sameAddress(account.email, address)}`
    }),
    line('Temporal', temporal, (status) =>
      status === null ? 'no signup, or none it still keeps' : `${status.workflowId}, ${status.stage}`,
    ),
  ]
}

function line<T>(store: string, answer: Answered<T>, words: (value: T) => string): StoreAnswer {
  return answer.asked
    ? { store, asked: true, says: words(answer.value) }
    : { store, asked: false, says: `cannot be asked: ${answer.because}` }
}

function sameAddress(account: string | null, provider: string | null): string {
  if (account === null || provider === null) return ''
  return account.toLowerCase() === provider.toLowerCase()
    ? ", Auth0's address"
    : ', another address than at Auth0'
}
