import { AtpAgent } from '@atproto/api'
import type { UserDocument, VerificationDocument } from '../src/adapters/mongo/documents.ts'
import type { SignupStatus } from '../src/contracts/signup.ts'
import type { PdsAccountInfo } from '../test/support/pds.ts'
import type { Testbed } from './testbed.ts'
import {
  accountAddresses,
  accountDue,
  addressOf,
  signedUpAgain,
  countsOf,
  isVerified,
  labelsOf,
  type Person,
} from './people.ts'

/** All data that the stores hold on one person. */
export interface StoredState {
  readonly verification: VerificationDocument | null
  readonly user: UserDocument | null
  readonly intent: boolean
  /** The runs of the person's workflows that Temporal still knows; counted only for deleted people. */
  readonly runs: number
  readonly status: SignupStatus | null
  /**
   * The accounts on the PDS that `users` assigns to the person, and those with an address of theirs that no other user
   * record names.
   */
  readonly accounts: readonly PdsAccountInfo[]
}

/** The form of a code, defined independently of the code under proof; the year is that of the signup. */
const CODE = /^ac(\d\d)[bcdfghjkmnprstvwxyz](?:[aeou][bcdfghjkmnprstvwxyz]){2,}$/

/** The violated invariants, each a sentence; empty when all hold. Passwords are checked elsewhere. */
export function violationsOf(
  person: Person,
  everybody: readonly Person[],
  held: StoredState,
  handleDomain: string,
): string[] {
  if (person.deleted) return signedUpAgain(person, everybody) ? [] : leftovers(held)
  const due = accountDue(person)
  const did = held.user?.atproto?.did
  const account = held.accounts[0]
  return [
    ...recordsOf(person, held),
    ...(held.accounts.length > 1 ? [`${held.accounts.length} accounts on the PDS`] : []),
    ...(due === 'yes' && account === undefined ? ['no account on the PDS'] : []),
    ...(due === 'no' && account !== undefined ? ['an account although the e-mail was never verified'] : []),
    ...changedIdentifiers(person, held),
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

/** Whatever records were lost, nobody may get another code or another account. */
function changedIdentifiers({ mustKeep }: Person, { user }: StoredState): string[] {
  const now = { code: user?.code, did: user?.atproto?.did }
  return (['code', 'did'] as const).flatMap((what) =>
    mustKeep[what] === undefined || mustKeep[what] === now[what]
      ? []
      : [`the ${what} was ${mustKeep[what]} and is ${now[what]}`],
  )
}

function leftovers({ user, verification, intent, accounts, runs }: StoredState): string[] {
  const left = {
    'a user record': user !== null,
    'a verification record': verification !== null,
    'an intent': intent,
    'an account': accounts.length > 0,
    'a workflow': runs > 0,
  }
  return Object.entries(left).flatMap(([what, there]) => (there ? [`deleted, and ${what} is left`] : []))
}

function recordsOf(person: Person, { verification, user, intent }: StoredState): string[] {
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
  { user }: StoredState,
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

function statusOf(person: Person, { status, user, accounts }: StoredState): string[] {
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

/** Logs in with the data in `users`; null when it opens the person's account. */
export async function loginViolation(
  testbed: Testbed,
  person: Person,
  user: UserDocument,
): Promise<string | null> {
  const { did, password = '' } = user.atproto ?? {}
  if (did === undefined) return null
  const place = { collection: 'users', person: person.identity, field: 'atproto.password' }
  const opened = testbed.keyring.open(password, place)
  const agent = new AtpAgent({ service: testbed.env['PDS_URL'] ?? '' })
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
