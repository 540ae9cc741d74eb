import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import type { CircuitBreaker } from '../../domain/retries/circuit-breaker.ts'
import { breakerOf, stateBreaker, withBreaker, type BreakerRule } from '../breakers.ts'

/** Calls to both time out by themselves, after ten and twelve seconds, as a named problem. */
const AUTH0: BreakerRule = { dependency: 'auth0', noAnswer: 'auth0-unreachable', slowMs: null }
const PDS: BreakerRule = { dependency: 'pds', noAnswer: 'pds-unreachable', slowMs: null }

/** One circuit breaker for each dependency in a worker process; each Auth0 tenant is a dependency of its own. */
export interface Breakers {
  readonly mongo: CircuitBreaker
  readonly pds: CircuitBreaker
  auth0(tenant: string): CircuitBreaker
}

/** The application's records are in the database of Holdfast's state, so both share its breaker. */
export function createBreakers(mongo: CircuitBreaker = stateBreaker('mongodb')): Breakers {
  const tenants = new Map<string, CircuitBreaker>()
  return {
    mongo,
    pds: breakerOf(PDS),
    auth0(tenant) {
      const known = tenants.get(tenant) ?? breakerOf(AUTH0)
      tenants.set(tenant, known)
      return known
    },
  }
}

/** A worker's dependencies, with which activities for single people fail fast while a dependency does not answer. */
export function withBreakers<D extends AtprotoDeps>(deps: D, breakers: Breakers): D {
  const { mongo, pds } = breakers
  return {
    ...deps,
    verifications: withBreaker(mongo, deps.verifications),
    codeIndex: withBreaker(mongo, deps.codeIndex),
    users: withBreaker(mongo, deps.users),
    personMemory: withBreaker(mongo, deps.personMemory),
    handles: withBreaker(mongo, deps.handles),
    intents: withBreaker(mongo, deps.intents),
    personalData: withBreaker(mongo, deps.personalData, { long: true }),
    // Makes no call.
    pds: { ...withBreaker(pds, deps.pds), assertAccountsAllowed: deps.pds.assertAccountsAllowed },
    tenantOf(identity) {
      const tenant = deps.tenantOf(identity)
      return { ...tenant, auth0: withBreaker(breakers.auth0(tenant.name), tenant.auth0) }
    },
    tenantNamed(name) {
      const tenant = deps.tenantNamed(name)
      return { ...tenant, auth0: withBreaker(breakers.auth0(name), tenant.auth0) }
    },
    otherTenantsOf: (identity) =>
      deps.otherTenantsOf(identity).map((other) => ({
        ...other,
        auth0: withBreaker(breakers.auth0(other.name), other.auth0),
      })),
  }
}
