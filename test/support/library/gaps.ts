import type { Finding } from '../../../src/contracts/gaps.ts'
import type { PersonRef } from '../../../src/contracts/systems.ts'

export function cardMissing({ identity, tenant }: PersonRef, since: Date): Finding {
  return {
    system: 'library',
    identity,
    tenant,
    kind: 'card-missing',
    since: since.toISOString(),
    evidence: {},
    repair: 'signup',
  }
}
