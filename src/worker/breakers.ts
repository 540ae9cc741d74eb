import { asyncLocalStorage } from '@temporalio/activity'
import type { ProblemName } from '../contracts/problems.ts'
import {
  createCircuitBreaker,
  type CallKind,
  type CallOutcome,
  type CircuitBreaker,
} from '../domain/retries/circuit-breaker.ts'
import { dependencyOf } from '../contracts/database-kind.ts'
import type { DatabaseKind } from '../contracts/database-kind.ts'
import { OutsideError } from '../domain/outside-error.ts'

/** The rule by which a dependency counts as away. */
export interface BreakerRule {
  readonly dependency: string
  /**
   * The problem that its adapter reports where no answer came; a gateway's 502 to 504 are the gateway's, not an answer.
   */
  readonly noAnswer: ProblemName
  /** A call that lasts longer counts as unanswered; null where calls time out by themselves, as a named problem. */
  readonly slowMs: number | null
}

/** The database of Holdfast's state. Just above the eight seconds that both drivers are allowed for one call. */
const STATE_SLOW_MS = 9_000

/** For the calls of `watch`, which has checked each dependency: they do not wait again for one that just failed. */
export const CALL_OF_WATCH = { long: true, skipsTrial: true } as const satisfies CallKind

/** The circuit breaker of the database that keeps a system's state. */
export function stateBreaker(kind: DatabaseKind): CircuitBreaker {
  return breakerOf({
    dependency: dependencyOf(kind),
    noAnswer: `${dependencyOf(kind)}-unreachable`,
    slowMs: STATE_SLOW_MS,
  })
}

export function breakerOf({ dependency, noAnswer, slowMs }: BreakerRule): CircuitBreaker {
  return createCircuitBreaker({
    outcomeOf: (error) => outcomeOf(error, noAnswer),
    rejection: (retryAt) =>
      new OutsideError(noAnswer, `not called: ${dependency} did not answer a moment ago`, {
        detail: { answer: 'no answer a moment ago' },
        retryAt,
        notAsked: true,
      }),
    slowMs,
  })
}

function outcomeOf(error: unknown, noAnswer: ProblemName): CallOutcome {
  if (!(error instanceof OutsideError)) return 'unknown'
  if (error.problem !== noAnswer) return error.retryAt === null ? 'answer' : 'unknown' // no call may have been made
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
