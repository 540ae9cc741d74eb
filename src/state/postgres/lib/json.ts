/**
 * A text as Postgres can store it: neither NUL nor half of a surrogate pair, which outside data may contain. The
 * replacement character stands for them, so that one such text does not fail a whole page.
 */
export function toText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/** JSON for a `jsonb` column, with every text in it as `toText` makes it. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? toText(inner) : inner))
}
