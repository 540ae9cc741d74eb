import type { Auth0StandIn } from '../dev/servers/auth0/server.ts'
import { labelOf } from './handles.ts'
import type { UserDocument } from '../src/adapters/mongo/documents.ts'
import type { Tenant, Plan } from './plan.ts'

/** The history of one person: the truth that the stores are compared with. */
export interface Person {
  readonly index: number
  readonly tenant: Tenant
  readonly auth0: Auth0StandIn
  readonly userId: string
  /** The identity as the application stores it. */
  readonly identity: string
  /** The workflow id of the signup; all others are in `workflowIds`. */
  readonly workflowId: string
  readonly workflowIds: readonly string[]
  /** Every address so far, the present one last. */
  readonly addresses: string[]
  /** Addresses that were verified, in order. */
  readonly verified: string[]
  /** The verified addresses that Holdfast has had enough time to count. */
  readonly surelyCounted: string[]
  /**
   * The labels that the handles chosen so far should become, the present one last; null where the user code is used.
   */
  readonly labels: (string | null)[]
  deleted: boolean
  /** Code and account at the time a record was lost; they have to stay the person's. */
  readonly mustKeep: { code?: string; did?: string }
}

/** Whether a deleted person signed up again under the same identity, so that its records are theirs. */
export function signedUpAgain(person: Person, everybody: readonly Person[]): boolean {
  return everybody.some(({ identity, deleted }) => identity === person.identity && !deleted)
}

export function isVerified({ addresses, verified }: Person): boolean {
  return verified.includes(addressOf(addresses))
}

export function addressOf(addresses: readonly string[]): string {
  return addresses.at(-1) ?? ''
}

/**
 * The limits of the verification count: an address that was changed before a look-up may never have been seen; one that
 * is still present, or had enough time, was seen.
 */
export function countsOf(person: Person): { least: number; most: number } {
  const seen = new Set([
    ...person.surelyCounted,
    ...(isVerified(person) ? [addressOf(person.addresses)] : []),
  ])
  return { least: seen.size, most: person.verified.length }
}

/**
 * Whether there is an account: 'maybe' where the e-mail was verified for a while in which there may have been no
 * look-up.
 */
export function accountDue(person: Person): 'yes' | 'no' | 'maybe' {
  if (isVerified(person) || person.surelyCounted.length > 0) return 'yes'
  return person.verified.length > 0 ? 'maybe' : 'no'
}

/** The people who have, or had, an address of this person in the other tenant. */
export function linkedPeopleOf(person: Person, everybody: readonly Person[]): Person[] {
  return everybody.filter(
    (other) =>
      other.tenant !== person.tenant && other.addresses.some((address) => person.addresses.includes(address)),
  )
}

/**
 * The addresses that the account may have: the verified one; without one, those that were verified before. A linked
 * identity that has or had such an address adds its alias.
 */
export function accountAddresses(person: Person, everybody: readonly Person[]): string[] {
  const plain = isVerified(person) ? [addressOf(person.addresses)] : person.verified
  const linkedPeople = linkedPeopleOf(person, everybody)
  return plain.flatMap((address) =>
    linkedPeople.some(({ addresses }) => addresses.includes(address))
      ? [address, aliasOf(address, person.tenant)]
      : [address],
  )
}

/** Every address that an account of this person may ever have had. */
export function everyAddress({ addresses, tenant }: Person): string[] {
  return addresses.flatMap((address) => [address, aliasOf(address, tenant)])
}

function aliasOf(address: string, tenant: Tenant): string {
  return address.replace('@', `+${tenant}@`)
}

/**
 * Labels that the account's handle may have: their own, unless another person may have taken it first; where they chose
 * none, perhaps that of a linked identity; otherwise the user code.
 */
export function labelsOf(person: Person, everybody: readonly Person[], code: string): string[] {
  const own = person.labels.at(-1) ?? null
  const others = everybody.filter((other) => other !== person)
  const inherited = linkedPeopleOf(person, everybody).flatMap(({ labels }) => labels)
  const rivals = others.filter(
    (other) => other.labels.includes(own) || linkedPeopleOf(other, everybody).includes(person),
  )
  const sure = own !== null && rivals.length === 0
  const may = own === null ? inherited.filter((label) => label !== null) : [own]
  return sure ? may : [...may, code]
}

export function recordChosenHandle(person: Person, handle: string, tag: string): void {
  person.labels.push(labelOf(handle, tag))
}

/** One round in progress: the people who have signed up so far, by their number in the plan. */
export interface Round {
  readonly plan: Plan
  /** Distinguishes this round's handles and addresses from those of other rounds on the same testbed. */
  readonly tag: string
  readonly people: Map<number, Person>
  /** The deleted people. */
  readonly deleted: Person[]
  /** The content of `users` at the last `quiesce`. */
  usersBackup: UserDocument[]
}
