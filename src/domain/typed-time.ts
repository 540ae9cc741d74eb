const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A duration as typed (`45s`, `30m`, `12h`, `90d`), in milliseconds. Null for anything else. */
export function parseSpan(text: string): number | null {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count === undefined || unit === undefined) return null
  return Number(count) * UNITS[unit as keyof typeof UNITS]
}

/** A date, or a time of ISO 8601. Null for anything else, such as the other forms that `Date` accepts. */
export function parseDate(text: string): Date | null {
  const moment = new Date(text)
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(moment.getTime()) ? moment : null
}

/** Parses a time in the past: ISO 8601, or how long ago (`10m`, `2h`, `3d`). Null for anything else. */
export function parsePastDate(text: string, now: Date): Date | null {
  const span = parseSpan(text)
  return span === null ? parseDate(text) : new Date(now.getTime() - span)
}
