/**
 * The maximum depth of an entry; Auth0's own have fewer than ten levels. Deeper ones overflow the stack of code that
 * walks them.
 */
export const MAX_DEPTH = 64
/** The maximum size of one entry in bytes. */
export const MAX_ENTRY_BYTES = 256 * 1024

/** One entry of a log as received, not parsed. */
export interface RawEntry {
  readonly bytes: Uint8Array
  /** The number of levels of arrays and objects in it. */
  readonly depth: number
  /** It is an array or an object, and all its brackets and strings are closed. */
  readonly closed: boolean
}

/** The parsed entry, or the reason why it cannot be read. */
export type ParsedEntry = { readonly value: unknown } | { readonly refused: string }

/** Parses one entry within the limits of depth and size. */
export function parseEntry({ bytes, depth }: RawEntry): ParsedEntry {
  if (bytes.length > MAX_ENTRY_BYTES) return { refused: `longer than ${MAX_ENTRY_BYTES / 1024} KiB` }
  if (depth > MAX_DEPTH) return { refused: `more than ${MAX_DEPTH} levels deep` }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return { refused: 'not UTF-8' }
    throw error
  }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return { refused: 'not JSON' }
    throw error
  }
}
