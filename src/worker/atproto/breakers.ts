import { asyncLocalStorage } from '@temporalio/activity'
import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import { PdsRefusedError } from '../../adapters/pds/errors.ts'
import type { ProblemName } from '../../contracts/problems.ts'
import {
  createCircuitBreaker,
  type CallKind,
  type CircuitBreaker,
  type CallOutcome,
} from '../../domain/retries/circuit-breaker.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { Dependency } from '../../contracts/watch.ts'

/**
 * The problem that a dependency's adapter reports where no answer came; a gateway's 502 to 504 are the gateway's, not
 * an answer.
 */
const NO_ANSWER: Record<Dependency, ProblemName> = {
  mongo: 'mongo-unreachable',
  pds: 'pds-unreachable',
  auth0: 'auth0-unreachable',
}

/**
 * Just above the eight seconds that the MongoDB driver allows one call, before it repeats it. Calls to Auth0 and the
 * PDS time out after ten and twelve seconds, as a named problem.
 */
const SLOW_MS: Record<Dependency, number | null> = { mongo: 9_000, pds: null, auth0: null }

/** One circuit breaker for each dependency in a worker process; each Auth0 tenant is a dependency of its own. */
export interface Breakers {
  readonly mongo: CircuitBreaker
  readonly pds: CircuitBreaker
  auth0(tenant: string): CircuitBreaker
}

export function createBreakers(): Breakers {
  const tenants = new Map<string, CircuitBreaker>()
  return {
    mongo: breakerOf('mongo'),
    pds: breakerOf('pds'),
    auth0(tenant) {
      const known = tenants.get(tenant) ?? breakerOf('auth0')
      tenants.set(tenant, known)
      return known
    },
  }
}

function breakerOf(dependency: Dependency): CircuitBreaker {
  const problem = NO_ANSWER[dependency]
  return createCircuitBreaker({
    outcomeOf: (error): CallOutcome => verdictOf(error, problem),
    rejection: (retryAt) =>
      new OutsideError(problem, `not called: ${dependency} did not answer a moment ago`, {
        detail: { answer: 'no answer a moment ago' },
        retryAt,
        notAsked: true,
      }),
    slowMs: SLOW_MS[dependency],
  })
}

function verdictOf(error: unknown, problem: ProblemName): CallOutcome {
  if (error instanceof PdsRefusedError) return 'answer'
  if (!(error instanceof OutsideError)) return 'unknown'
  if (error.problem !== problem) return error.retryAt === null ? 'answer' : 'unknown' // no call may have been made
  // A 400 or a 500 on one person's call says nothing about other people's calls.
  const status = /^HTTP (\d+)/.exec(error.detail['answer'] ?? '')?.[1]
  return status === undefined || ['502', '503', '504'].includes(status) ? 'no-answer' : 'answer'
}

/** A part of which every method calls its dependency, and returns a promise. */
type Asks<T> = { readonly [M in keyof T]: (...args: never[]) => Promise<unknown> }

/**
 * The same part with every call going through the circuit breaker. Only activities fail fast: work that has to be done
 * even after its activity (`outsideActivityContext`) is tried in any case.
 */
export function withBreaker<T extends object & Asks<T>>(
  breaker: CircuitBreaker,
  part: T,
  kind: CallKind = {},
): T {
  const methods = Object.entries(part) as [string, (...args: unknown[]) => Promise<unknown>][]
  return Object.fromEntries(
    methods.map(([name, method]) => [
      name,
      (...args: unknown[]) => {
        const call = () => method(...args)
        return asyncLocalStorage.getStore() === undefined
          ? breaker.runAlways(call, kind)
          : breaker.run(call, kind)
      },
    ]),
  ) as T
}

/** A worker's dependencies, with which activities for single people fail fast while a dependency does not answer. */
export function withBreakers(deps: AtprotoDeps, breakers: Breakers): AtprotoDeps {
  const { mongo, pds } = breakers
  return {
    ...deps,
    verifications: withBreaker(mongo, deps.verifications),
    codeIndex: withBreaker(mongo, deps.codeIndex),
    users: withBreaker(mongo, deps.users),
    personMemory: withBreaker(mongo, deps.personMemory),
    handles: withBreaker(mongo, deps.handles),
    intents: withBreaker(mongo, deps.intents),
    tombstones: withBreaker(mongo, deps.tombstones),
    personalData: withBreaker(mongo, deps.personalData, { long: true }),
    cursors: withBreaker(mongo, deps.cursors),
    switches: withBreaker(mongo, deps.switches),
    safetyLimits: withBreaker(mongo, deps.safetyLimits),
    oldDeletions: withBreaker(mongo, deps.oldDeletions),
    // A failure is recorded after the call that failed, and must not hide it; the journal keeps it for later.
    stepHistory: { ...withBreaker(mongo, deps.stepHistory), recordFailure: deps.stepHistory.recordFailure },
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
