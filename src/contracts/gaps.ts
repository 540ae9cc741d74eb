import type { System } from './systems.ts'
import { namesIn, type NameIn } from './vocabulary.ts'
import type { RepairMethod } from './words.ts'

export type { RepairMethod } from './words.ts'

/** Gaps that an identity's records may have, in any system. The names are stable: scripts and alerts depend on them. */
export type Gap = NameIn<'gaps'>

/** The gaps of one system, or of all systems. */
export function gapNames(system?: System): Gap[] {
  return namesIn('gaps', system) as Gap[]
}

/**
 * One gap of one identity. A finding that belongs to no person has a name of its own as identity (a DID, an index) and
 * the tenant `-`.
 */
export interface Finding {
  readonly system: System
  readonly identity: string
  readonly tenant: string
  readonly kind: Gap
  /** ISO 8601, as far as it is known from any store; null otherwise. */
  readonly since: string | null
  /**
   * Evidence from the stores, never an e-mail address. It stays the same while nothing changes, since plans are
   * compared by it.
   */
  readonly evidence: Readonly<Record<string, string>>
  /** Null where an operator has to decide. */
  readonly repair: RepairMethod | null
}
