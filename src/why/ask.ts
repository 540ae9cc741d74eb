import { ConfigError } from '../config.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { problemText } from '../domain/problems.ts'
import { UsageError } from '../entry.ts'

/** What a store answered, or why it could not be asked. */
export type Answered<T> =
  { readonly asked: true; readonly value: T } | { readonly asked: false; readonly because: string }

/** How long one store may take, in milliseconds: somebody waits for the page, and a late answer is none. */
export const ANSWER_MS = 5_000
/** How long to look for a MongoDB that answers: one that is away should cost the page no more. */
export const SELECT_MS = 2_000

/** Asks one store. That it is away, or not configured, is an answer too: the page is made all the same. */
export async function ask<T>(question: () => Promise<T>): Promise<Answered<T>> {
  const late = Promise.withResolvers<Answered<T>>()
  const timer = setTimeout(
    () => late.resolve({ asked: false, because: `no answer within ${ANSWER_MS / 1_000} s` }),
    ANSWER_MS,
  )
  const answer = async (): Promise<Answered<T>> => {
    try {
      return { asked: true, value: await question() }
    } catch (error) {
      return { asked: false, because: reasonOf(error) }
    }
  }
  try {
    return await Promise.race([answer(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The value, or null where there is none to be had. */
export function valueOf<T>(answer: Answered<T>): T | null {
  return answer.asked ? answer.value : null
}

function reasonOf(error: unknown): string {
  if (error instanceof OutsideError)
    return problemText(error.problem, { system: 'atproto', identity: '<id>', detail: error.detail }).sentence
  if (error instanceof ConfigError) return error.findings.join('; ')
  if (error instanceof UsageError) return error.message
  return error instanceof Error ? error.message : String(error)
}
