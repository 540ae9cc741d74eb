import type { PersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import type { SafetyLimits } from '../../state/ports/safety-limits.ts'

export interface LostRecordsDeps {
  /** The remembered people: if one lacks a record, it was lost. */
  readonly personMemory: Pick<PersonMemory, 'loadMany'>
  readonly safetyLimits: Pick<SafetyLimits, 'admitAll'>
  /** The keyed hash of a person's id, for places that may not name a person. */
  readonly hash: (value: string) => string
}

export type AdmitLost = (identities: readonly string[], lacks: 'records' | 'account') => Promise<void>

/**
 * Lost records of people in one delivery are repaired together or not at all. The signups are started in either case:
 * those that are held show it.
 */
export function createLostRecords({ personMemory, safetyLimits, hash }: LostRecordsDeps): AdmitLost {
  return async (identities, lacks) => {
    if (identities.length === 0) return
    const remembered = [...(await personMemory.loadMany(identities))]
    // A person who never had an account has not lost one.
    const lost = remembered.flatMap(([identity, { account }]) =>
      lacks === 'records' || account !== null ? [identity] : [],
    )
    if (lost.length > 0)
      await safetyLimits.admitAll('repairs', lost.map(hash), lacks === 'records' ? 'user record' : lacks)
  }
}
