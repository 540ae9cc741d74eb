import pMap from 'p-map'
import type { PersonFacts } from '../domain/judge.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { gather, type GatherOptions } from './atproto-gather.ts'
import { listedIdentity } from './atproto-scan-identities.ts'

const LOOK_UPS_AT_ONCE = 4

export interface Confirmed {
  readonly people: readonly PersonFacts[]
  readonly lookUps: number
  /** People with records whom there was no look-up left for. */
  readonly left: number
}

/**
 * Auth0's list lags: who has records and is missing there is asked for by id before being called anything. What the
 * stores say of them is read once more after the answer: many look-ups take minutes, in which a signup arrives.
 */
export async function confirm(
  deps: AtprotoDeps,
  people: readonly PersonFacts[],
  budget: number,
  options: GatherOptions,
): Promise<Confirmed> {
  const { auditId, patiently } = options
  const listed = people.filter(({ provider }) => provider !== null)
  const missing = people.flatMap(({ provider, identity }) =>
    provider === null && deps.ownerOf(identity) !== null ? [identity] : [],
  )
  const asked = missing.slice(0, Math.max(budget, 0))
  if (asked.length === 0) return { people: listed, lookUps: 0, left: missing.length }
  await pMap(
    asked,
    async (identity) => {
      const { auth0, userId } = deps.tenantOf(identity)
      const person = await patiently(() => auth0.person(userId))
      const tenant = deps.ownerOf(identity)
      if (person === null || tenant === null) return
      await deps.audits.addIdentities(auditId, [listedIdentity(deps, tenant, { userId, ...person })])
    },
    { concurrency: LOOK_UPS_AT_ONCE },
  )
  const answers = await gather(deps, asked, options)
  return { people: [...listed, ...answers], lookUps: asked.length, left: missing.length - asked.length }
}
