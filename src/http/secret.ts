import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares in a time that tells nothing about where, or in what length, the two differ. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  return timingSafeEqual(digest(given ?? ''), digest(expected)) && given !== undefined
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
