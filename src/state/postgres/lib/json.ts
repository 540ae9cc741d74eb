/**
 * JSON for a `jsonb` column. Postgres stores neither NUL nor half of a surrogate pair, which outside data may contain:
 * the replacement character stands for them, so that one such text does not fail a whole page.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed().replaceAll('\0', '\ufffd') : inner,
  )
}
