import { AtpAgent } from '@atproto/api'
import type { UserDocument, VerificationDocument } from '../src/adapters/mongo/documents.ts'
import type { SignupStatus } from '../src/contracts/signup.ts'
import type { PdsAccountInfo } from '../test/support/pds.ts'
import type { Ground } from './ground.ts'
import {
  accountAddresses,
  accountDue,
  addressOf,
  cameBack,
  countsOf,
  isVerified,
  labelsOf,
  type Person,
} from './people.ts'

/** Everything the stores hold on one person. */
export interface Held {
  readonly verification: VerificationDocument | null
  readonly user: UserDocument | null
  readonly intent: boolean
  /** Runs of their workflows that Temporal knows, where somebody is deleted. */
  readonly runs: number
  readonly status: SignupStatus | null
  /** Accounts on the PDS that `users` gives the person, or that nobody else has under an address of theirs. */
  readonly accounts: readonly PdsAccountInfo[]
}

/** The form of a code, told independently of the code under proof; the year is that of the signup. */
const CODE = /^ac(\d\d)[bcdfghjkmnprstvwxyz](?:[aeou][bcdfghjkmnprstvwxyz]){2,}$/

/** What is not as it must be, each a sentence; nothing where all is. Passwords are tried elsewhere. */
export function complaintsOf(
  person: Person,
  everybody: readonly Person[],
  held: Held,
  handleDomain: string,
): string[] {
  if (person.deleted) return cameBack(person, everybody) ? [] : remains(held)
  const due = accountDue(person)
  const did = held.user?.atproto?.did
  const account = held.accounts[0]
  return [
    ...recordsOf(person, held),
    ...(held.accounts.length > 1 ? [`${held.accounts.length} accounts on the PDS`] : []),
    ...(due === 'yes' && account === undefined ? ['no account on the PDS'] : []),
    ...(due === 'no' && account !== undefined ? ['an account although the e-mail was never verified'] : []),
    ...(did !== account?.did ? [`users says ${did}, the PDS ${account?.did}`] : []),
    ...(account === undefined
      ? []
      : accountOf(held, account, {
          labels: labelsOf(person, everybody, held.user?.code ?? ''),
          addresses: accountAddresses(person, everybody),
          handleDomain,
        })),
    ...statusOf(person, held),
  ]
}

function remains({ user, verification, intent, accounts, runs }: Held): string[] {
  const left = {
    'a user record': user !== null,
    'a verification record': verification !== null,
    'an intent': intent,
    'an account': accounts.length > 0,
    'a workflow': runs > 0,
  }
  return Object.entries(left).flatMap(([what, there]) => (there ? [`deleted, and ${what} is left`] : []))
}

function recordsOf(person: Person, { verification, user, intent }: Held): string[] {
  const { least, most } = countsOf(person)
  const count = verification?.count ?? Number.NaN
  const [, year] = CODE.exec(user?.code ?? '') ?? []
  const signedUp = person.auth0.user(person.userId)?.created_at ?? ''
  return [
    ...(verification === null ? ['no verification record'] : []),
    ...(verification !== null && !(count >= least && count <= most)
      ? [`${count} verifications counted, not ${least} to ${most}`]
      : []),
    ...(user === null ? ['no user record'] : []),
    ...(user !== null && year !== signedUp.slice(2, 4)
      ? [`the code ${user.code} is none of ${signedUp}`]
      : []),
    ...(user !== null && !(user.when instanceof Date) ? ['no time of the signup'] : []),
    ...(intent && user?.atproto?.did !== undefined ? ['an intent is left of an account that stands'] : []),
  ]
}

function accountOf(
  { user }: Held,
  account: PdsAccountInfo,
  may: { labels: readonly string[]; addresses: readonly string[]; handleDomain: string },
): string[] {
  const handles = may.labels.map((label) => `${label}${may.handleDomain}`)
  return [
    ...(handles.includes(account.handle)
      ? []
      : [`the handle ${account.handle} is none of ${handles.join(', ')}`]),
    ...(user?.atproto?.handle === account.handle
      ? []
      : [`users says ${user?.atproto?.handle}, the PDS ${account.handle}`]),
    ...(may.addresses.includes(account.email ?? '')
      ? []
      : [`the account's address ${account.email} is none of ${may.addresses.join(', ')}`]),
  ]
}

function statusOf(person: Person, { status, user, accounts }: Held): string[] {
  if (status === null) return ['no signup at Temporal']
  const verified = isVerified(person)
  const ends = verified || accounts.length > 0 ? ['completed'] : []
  if (!verified) ends.push('waiting-for-verification')
  return [
    ...(ends.includes(status.stage) ? [] : [`its signup is at ${status.stage}, not ${ends.join(' or ')}`]),
    ...(status.problem === null ? [] : [`its signup has the problem ${status.problem.name}`]),
    ...(status.code === null || status.code === user?.code
      ? []
      : [`its signup says ${status.code}, users ${user?.code}`]),
    ...(status.did === null || status.did === user?.atproto?.did
      ? []
      : [`its signup says ${status.did}, users ${user?.atproto?.did}`]),
  ]
}

/** Logs in with what stands in `users`; null when it opens the person's account. */
export async function loginComplaint(
  ground: Ground,
  person: Person,
  user: UserDocument,
): Promise<string | null> {
  const { did, password = '' } = user.atproto ?? {}
  if (did === undefined) return null
  const place = { collection: 'users', person: person.identity, field: 'atproto.password' }
  const opened = ground.keyring.open(password, place)
  const agent = new AtpAgent({ service: ground.env['PDS_URL'] ?? '' })
  try {
    const { data } = await agent.login({ identifier: did, password: opened })
    return data.did === did ? null : `the stored password opens ${data.did}`
  } catch (error) {
    return `the stored password opens nothing: ${String(error)}`
  }
}

export function nameOf(person: Person): string {
  return `person ${person.index} (${person.identity}, ${addressOf(person.addresses)})`
}
