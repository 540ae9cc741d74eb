import pMap from 'p-map'
import type { PersonFacts } from '../domain/judge.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { listedIdentity } from './atproto-scan-identities.ts'
import type { Scan } from './lib/scan-cursor.ts'

const LOOK_UPS_AT_ONCE = 4

export interface Confirmed {
  readonly people: readonly PersonFacts[]
  readonly lookUps: number
  /** People with records whom there was no look-up left for. */
  readonly left: number
}

/** Auth0's list lags: who has records and is missing there is asked for by id before being called anything. */
export async function confirm(
  deps: AtprotoDeps,
  auditId: string,
  people: readonly PersonFacts[],
  budget: number,
  { patiently }: Pick<Scan<unknown>, 'patiently'>,
): Promise<Confirmed> {
  const listed = people.filter(({ provider }) => provider !== null)
  const missing = people.filter(
    ({ provider, identity }) => provider === null && deps.ownerOf(identity) !== null,
  )
  const asked = missing.slice(0, Math.max(budget, 0))
  const answers = await pMap(
    asked,
    async (facts): Promise<PersonFacts> => {
      const { auth0, userId } = deps.tenantOf(facts.identity)
      const person = await patiently(() => auth0.person(userId))
      const tenant = deps.ownerOf(facts.identity)
      if (person === null || tenant === null) return facts
      const provider = listedIdentity(deps, tenant, { userId, ...person })
      await deps.audits.addIdentities(auditId, [provider])
      return { ...facts, provider }
    },
    { concurrency: LOOK_UPS_AT_ONCE },
  )
  return { people: [...listed, ...answers], lookUps: asked.length, left: missing.length - asked.length }
}
