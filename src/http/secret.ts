import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares in a time that does not depend on where, or in what length, the two differ. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  return timingSafeEqual(digest(given ?? ''), digest(expected)) && given !== undefined
}

/** The same for several secrets, all of which are compared even after a match. */
export function matchesAny(given: string | undefined, expected: readonly string[]): boolean {
  return expected.map((one) => sameSecret(given, one)).includes(true)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
