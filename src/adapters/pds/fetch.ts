import { OutsideError } from '../../domain/outside-error.ts'
import { AnswerTooLongError, boundedFetch } from '../bounded-fetch.ts'

/** `boundedFetch` for a PDS: one whose answer is too long counts as failing (`pds-failing`). */
export async function fetchFromPds(
  input: Parameters<typeof fetch>[0],
  init?: RequestInit,
): Promise<Response> {
  try {
    return await boundedFetch(input, init)
  } catch (cause) {
    if (!(cause instanceof AnswerTooLongError)) throw cause
    throw new OutsideError('pds-failing', `the PDS: ${cause.message}`, {
      cause,
      detail: { answer: cause.message },
    })
  }
}
