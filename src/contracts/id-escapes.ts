/**
 * Temporal's SQL visibility stores do not find a workflow id that holds a quote, a backslash or a control character:
 * the server escapes the value of a query in a way that its database does not read back (seen with 1.29.1 on SQLite and
 * Postgres). On Postgres a query with a question mark fails, since the server numbers it like a placeholder. No escaping
 * in the query changes that, so Holdfast's ids hold none of them: each is replaced by a percent sign and its code.
 */
const UNSEARCHABLE = new Set(['%', '\\', '"', "'", '?'])
const ESCAPED = /%([0-9A-F]{2})/g

/** Text for a workflow id, which every visibility store finds again. Different texts stay different. */
export function escapeForId(text: string): string {
  return Array.from(text, (character) =>
    isControl(character) || UNSEARCHABLE.has(character) ? `%${hex(character)}` : character,
  ).join('')
}

/** The inverse of `escapeForId`. */
export function unescapeFromId(text: string): string {
  return text.replaceAll(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}

function isControl(character: string): boolean {
  return character < ' ' || (character >= '\u007f' && character <= '\u009f')
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
}
