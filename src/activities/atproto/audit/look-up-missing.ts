import pMap from 'p-map'
import type { PersonFacts } from '../../../domain/atproto/gap-rules.ts'
import { loadPersonFacts, type PersonFactsDeps, type PersonFactsOptions } from './person-facts.ts'
import { listedIdentity, type IdentityScanDeps } from './scan-identities.ts'
import { withoutDeleted } from '../../deletion/without-deleted.ts'

const LOOK_UPS_AT_ONCE = 4

export interface LookUpDeps extends PersonFactsDeps, IdentityScanDeps {}

export interface LookedUp {
  readonly people: readonly PersonFacts[]
  readonly lookUps: number
  /** People with records for whom no look-up was left. */
  readonly notLookedUp: number
}

/**
 * Looks up by id the people who have records and are missing from Auth0's list, which lags, before they are judged.
 * Their records are loaded again afterwards: many look-ups take minutes, in which a signup may arrive.
 */
export async function lookUpMissing(
  deps: LookUpDeps,
  people: readonly PersonFacts[],
  budget: number,
  options: PersonFactsOptions,
): Promise<LookedUp> {
  const { auditId, waitOutRateLimits } = options
  const listed = people.filter(({ provider }) => provider !== null)
  const missing = people.flatMap(({ provider, identity, deletedAt }) =>
    provider === null && deletedAt === null && deps.ownerOf(identity) !== null ? [identity] : [],
  )
  const asked = missing.slice(0, Math.max(budget, 0))
  if (asked.length === 0) return { people: listed, lookUps: 0, notLookedUp: missing.length }
  await pMap(
    asked,
    async (identity) => {
      const { auth0, userId } = deps.tenantOf(identity)
      const person = await waitOutRateLimits(() => auth0.person(userId))
      const tenant = deps.ownerOf(identity)
      if (person === null || tenant === null) return
      await deps.auditSnapshot.addIdentities(
        auditId,
        await withoutDeleted(deps, [listedIdentity(deps, tenant, { userId, ...person })]),
      )
    },
    { concurrency: LOOK_UPS_AT_ONCE },
  )
  const answers = await loadPersonFacts(deps, asked, options)
  return {
    people: [...listed, ...answers],
    lookUps: asked.length,
    notLookedUp: missing.length - asked.length,
  }
}
