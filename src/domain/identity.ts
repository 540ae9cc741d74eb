/** The maximum length of an id; Auth0's own limit is lower. */
const LONGEST = 1_024

/**
 * The reason why an id of the provider cannot be stored and found again, as the end of a sentence; null for a usable
 * id. Events, lists, audits and commands share this rule: an id that passes can be signed up, looked up, exported and
 * deleted.
 */
export function idDefect(id: unknown): string | null {
  if (typeof id !== 'string') return 'is not a string'
  if (id === '') return 'is empty'
  if (id.includes('\0')) return 'contains a NUL character, which Temporal and URLs cannot contain'
  if (!id.isWellFormed()) return 'contains half of a character (a lone surrogate), which no store can hold'
  // A path of the Management API that contains one of these is another path.
  if (id === '.' || id === '..') return `is "${id}", which no provider issues`
  if (id.startsWith('-'))
    return 'begins with "-", which no provider issues, and a command would take for an option'
  if (id.length > LONGEST) return `is longer than ${LONGEST} characters`
  return null
}
