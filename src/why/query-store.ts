import type { System } from '../contracts/systems.ts'
import type { StoreAnswer } from '../contracts/why.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../config.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { problemText } from '../domain/problems.ts'
import { UsageError } from '../errors.ts'

/** A store's answer, or the reason why there is none. */
export type StoreResult<T> =
  { readonly asked: true; readonly value: T } | { readonly asked: false; readonly because: string }

/** The limit for one store, in milliseconds: an operator waits for the page, and a late answer is not used. */
export const ANSWER_MS = 5_000
/** The time-out for finding a MongoDB server, so that an unavailable one delays the page no more than this. */
export const SELECT_MS = 2_000

/**
 * Queries one store. If it is unavailable or not configured, the result says so and the page is still made. `ready`:
 * the limit counts from its end, so that the time for loading our own modules on a busy machine does not count as the
 * store's.
 */
export async function queryStore<T>(
  system: System,
  question: () => Promise<T>,
  ready: Promise<unknown> = Promise.resolve(),
): Promise<StoreResult<T>> {
  const over = new AbortController()
  const late = async (): Promise<StoreResult<T>> => {
    await ready
    await sleep(ANSWER_MS, undefined, { signal: over.signal })
    return { asked: false, because: `no answer within ${ANSWER_MS / 1_000} s` }
  }
  const answer = async (): Promise<StoreResult<T>> => {
    try {
      return { asked: true, value: await question() }
    } catch (error) {
      return { asked: false, because: reasonOf(system, error) }
    }
  }
  try {
    return await Promise.race([answer(), late()])
  } finally {
    over.abort()
  }
}

/** The value, or null where there is none. */
export function valueOrNull<T>(answer: StoreResult<T>): T | null {
  return answer.asked ? answer.value : null
}

/** The answer of a store in words, or the reason why there is none. */
export function storeAnswer<T>(
  store: string,
  answer: StoreResult<T>,
  words: (value: T) => string,
): StoreAnswer {
  return answer.asked
    ? { store, answered: true, text: words(answer.value) }
    : { store, answered: false, text: `cannot be read: ${answer.because}` }
}

function reasonOf(system: System, error: unknown): string {
  if (error instanceof OutsideError)
    return problemText(error.problem, { system, identity: '<id>', detail: error.detail }).sentence
  if (error instanceof ConfigError) return error.findings.join('; ')
  if (error instanceof UsageError) return error.message
  return error instanceof Error ? error.message : String(error)
}
