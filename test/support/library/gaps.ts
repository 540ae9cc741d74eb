import type { Finding, Gap } from '../../../src/contracts/gaps.ts'
import type { PersonRef } from '../../../src/contracts/systems.ts'

export function cardMissing(person: PersonRef, since: Date): Finding {
  return found(person, 'card-missing', 'signup', since)
}

/** The front desk has reserved the card's number. */
export function cardUnissued(person: PersonRef, since: Date): Finding {
  return found(person, 'card-unissued', 'database', since)
}

/** Its member is gone. */
export function cardUnowned(person: PersonRef): Finding {
  return found(person, 'card-unowned', 'remove', null)
}

function found(
  { identity, tenant }: PersonRef,
  kind: Gap,
  repair: Finding['repair'],
  since: Date | null,
): Finding {
  return {
    system: 'library',
    identity,
    tenant,
    kind,
    since: since?.toISOString() ?? null,
    evidence: {},
    repair,
  }
}
