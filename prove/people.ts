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
  readonly workflowId: string
  /** Every address so far, the present one last. */
  readonly addresses: string[]
  /** Addresses that were verified, in order. */
  readonly verified: string[]
  /** Those of them that Holdfast has had all the time it needs to count. */
  readonly settled: string[]
  /** The label of the handle chosen before the account could be made; null where the user code has to serve. */
  label: string | null
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

/** What the account's address may be: one that was verified, or the alias of one that a sister tenant's account has. */
export function accountAddresses(person: Person, everybody: readonly Person[]): string[] {
  return person.verified.flatMap((address) => {
    const shared = sistersOf(person, everybody).some(({ addresses }) => addresses.includes(address))
    return shared ? [address, address.replace('@', `+${person.tenant}@`)] : [address]
  })
}

/** Who has, or had, an address of this person in the other tenant. */
export function sistersOf(person: Person, everybody: readonly Person[]): Person[] {
  return everybody.filter(
    (other) =>
      other.tenant !== person.tenant && other.addresses.some((address) => person.addresses.includes(address)),
  )
}

/**
 * Labels the account's handle may have. Their own, unless somebody else may have been there first; where they chose
 * none, perhaps that of a sister. The user code serves for the rest.
 */
export function labelsOf(person: Person, everybody: readonly Person[], code: string): string[] {
  const inherited = sistersOf(person, everybody).map(({ label }) => label)
  const own = person.label === null ? inherited : [person.label]
  const rivals = everybody.filter(
    (other) =>
      other !== person &&
      (other.label === person.label ||
        (other.label === null && sistersOf(other, everybody).includes(person))),
  )
  const sure = person.label !== null && rivals.length === 0
  return [...own.filter((label) => label !== null), ...(sure ? [] : [code])]
}

/** The handle counts as chosen in time while no account can have been made. */
export function chooses(person: Person, handle: string, tag: string): boolean {
  if (person.verified.length > 0) return false
  person.label = labelOf(handle, tag)
  return true
}
