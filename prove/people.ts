import type { Auth0StandIn } from '../src/embedded/auth0/server.ts'
import { labelOf } from './handles.ts'
import type { Tenant } from './plan.ts'

/** What the world did with one person: the truth that the stores are held against. */
export interface Person {
  readonly index: number
  readonly tenant: Tenant
  readonly auth0: Auth0StandIn
  readonly userId: string
  /** As the application stores it. */
  readonly identity: string
  /** Of the signup; the others' are in `workflowIds`. */
  readonly workflowId: string
  readonly workflowIds: readonly string[]
  /** Every address so far, the present one last. */
  readonly addresses: string[]
  /** Addresses that were verified, in order. */
  readonly verified: string[]
  /** Those of them that Holdfast has had all the time it needs to count. */
  readonly settled: string[]
  /** What the handles chosen so far should become, the present one last; null where the user code has to serve. */
  readonly labels: (string | null)[]
  deleted: boolean
}

/** Whether somebody who was deleted signed up again under the same identity, so that its records are theirs. */
export function cameBack(person: Person, everybody: readonly Person[]): boolean {
  return everybody.some(({ identity, deleted }) => identity === person.identity && !deleted)
}

export function isVerified({ addresses, verified }: Person): boolean {
  return verified.includes(addressOf(addresses))
}

export function addressOf(addresses: readonly string[]): string {
  return addresses.at(-1) ?? ''
}

/**
 * How often a verification may have been counted: an address that was left before anybody could look was perhaps
 * never seen; one that is still there, or had its time, was.
 */
export function countsOf(person: Person): { least: number; most: number } {
  const seen = new Set([...person.settled, ...(isVerified(person) ? [addressOf(person.addresses)] : [])])
  return { least: seen.size, most: person.verified.length }
}

/** Whether there is an account: 'maybe' where the e-mail was verified for a while in which perhaps nobody looked. */
export function accountDue(person: Person): 'yes' | 'no' | 'maybe' {
  if (isVerified(person) || person.settled.length > 0) return 'yes'
  return person.verified.length > 0 ? 'maybe' : 'no'
}

/** Who has, or had, an address of this person in the other tenant. */
export function sistersOf(person: Person, everybody: readonly Person[]): Person[] {
  return everybody.filter(
    (other) =>
      other.tenant !== person.tenant && other.addresses.some((address) => person.addresses.includes(address)),
  )
}

/**
 * What the account's address may be: the verified one; while none is, one that was. Where a sister tenant's account
 * has or had it, its alias.
 */
export function accountAddresses(person: Person, everybody: readonly Person[]): string[] {
  const plain = isVerified(person) ? [addressOf(person.addresses)] : person.verified
  const sisters = sistersOf(person, everybody)
  return plain.flatMap((address) =>
    sisters.some(({ addresses }) => addresses.includes(address))
      ? [address, aliasOf(address, person.tenant)]
      : [address],
  )
}

/** Every address an account of this person may ever have had. */
export function everyAddress({ addresses, tenant }: Person): string[] {
  return addresses.flatMap((address) => [address, aliasOf(address, tenant)])
}

function aliasOf(address: string, tenant: Tenant): string {
  return address.replace('@', `+${tenant}@`)
}

/**
 * Labels the account's handle may have. Their own, unless somebody else may have been there first; where they chose
 * none, perhaps that of a sister. The user code serves for the rest.
 */
export function labelsOf(person: Person, everybody: readonly Person[], code: string): string[] {
  const own = person.labels.at(-1) ?? null
  const others = everybody.filter((other) => other !== person)
  const inherited = sistersOf(person, everybody).flatMap(({ labels }) => labels)
  const rivals = others.filter(
    (other) => other.labels.includes(own) || sistersOf(other, everybody).includes(person),
  )
  const sure = own !== null && rivals.length === 0
  const may = own === null ? inherited.filter((label) => label !== null) : [own]
  return sure ? may : [...may, code]
}

export function chooses(person: Person, handle: string, tag: string): void {
  person.labels.push(labelOf(handle, tag))
}
