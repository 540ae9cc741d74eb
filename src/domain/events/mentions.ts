/** The most names listed for an entry; one with more has to be decrypted to be compared. */
const MOST = 500
/** The maximum length of a name; an id has up to 1,024 characters, in lower case a few more. */
const LONGEST = 2_000
/** The number of levels of escapes that are removed: JSON within JSON, percent-encoding within that. */
const LAYERS = 3

/** A run of characters that may be an id or an address, in text that is not JSON. */
const WORD = /[^\s"'<>(){}[\],;]+/g
/**
 * Separators between a value and the text before it: `mailto:ana@…`, `user_id=auth0|…`, a path that ends with an id.
 */
const SEPARATOR = /[=:/?&#]/
/** A character that every provider id or address contains. */
const NAME_MARK = /[|@]/
/** The same, percent-encoded or not. */
const POSSIBLE_NAME_MARK = /[|@%]/
const ALPHANUMERIC = /[\p{L}\p{N}]/u
const [QUOTE, BACKSLASH] = [0x22, 0x5c]

/** Strings that may name a person, in lower case. `complete`: there are no others. */
export interface Mentions {
  readonly strings: readonly string[]
  readonly complete: boolean
}

/**
 * Every string in a text that looks like an id (with a `|`) or an address (with an `@`), in any escaping: JSON's
 * `\u007c`, percent-encoding, or both. The text need not be JSON, or complete. The work is linear in the text's length,
 * whatever its content. Stops at `most` strings.
 */
export function mentionsIn(text: string, most = MOST): Mentions {
  const found = new Set<string>()
  for (let layer = text, left = LAYERS; left >= 0; left -= 1) {
    for (const candidate of candidatesIn(layer)) {
      if (candidate.length > LONGEST || !NAME_MARK.test(candidate)) continue
      found.add(candidate.toLowerCase())
      if (found.size > most) return { strings: [...found], complete: false }
    }
    const next = percentDecoded(unescaped(layer))
    if (next === layer) break
    layer = next
  }
  return { strings: [...found], complete: true }
}

/** A person's name in the form in which mentions are compared: lower case. */
export function normalizedMention(name: string): string {
  return name.trim().toLowerCase()
}

/** The part of a string that `quotedSegments` uses. */
export type Readable = Pick<string, 'charCodeAt' | 'slice' | 'length'>

/**
 * The segments between a text's quotes, with their escapes: its strings, the text between them, and an unclosed rest.
 * In text that is not JSON a quote may be missing, so that any segment may be a string. Reads each character at most
 * once.
 */
export function* quotedSegments(text: Readable): Generator<string> {
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at)
    if (character === BACKSLASH) at += 1
    else if (character === QUOTE) {
      yield text.slice(from, at)
      from = at + 1
    }
  }
  yield text.slice(from, text.length)
}

function* candidatesIn(text: string): Generator<string> {
  // A name may be a whole string, spaces included, or part of a sentence.
  for (const stretch of quotedSegments(text)) {
    const plain = unescaped(stretch)
    yield* valuesIn(plain)
    const decoded = percentDecoded(plain)
    if (decoded !== plain) yield* valuesIn(decoded)
  }
  for (const [word] of text.matchAll(WORD)) {
    if (!POSSIBLE_NAME_MARK.test(word)) continue
    yield word
    yield* valuesIn(bareOf(word))
  }
}

/** A value, and its parts between separators; these also with their percent-encoding removed. */
function* valuesIn(value: string): Generator<string> {
  if (!POSSIBLE_NAME_MARK.test(value)) return
  yield value.trim()
  for (const part of value.split(SEPARATOR)) {
    yield part.trim()
    yield percentDecoded(part).trim()
  }
}

/** A word without the punctuation around it. */
function bareOf(word: string): string {
  const characters = Array.from(word)
  const isWord = (character: string): boolean => ALPHANUMERIC.test(character)
  return characters.slice(characters.findIndex(isWord), characters.findLastIndex(isWord) + 1).join('')
}

/** Decodes JSON's backslash escapes; any other backslash stays. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\/]))/g, (_, hex?: string, plain?: string) =>
    hex === undefined ? (plain ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** Decodes runs of percent-encoded bytes that are valid UTF-8. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run)
    } catch (error) {
      if (error instanceof URIError) return run
      throw error
    }
  })
}
