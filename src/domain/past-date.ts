const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Parses a time in the past: ISO 8601, or how long ago (`10m`, `2h`, `3d`). Null for anything else. */
export function parsePastDate(text: string, now: Date): Date | null {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) {
    return new Date(now.getTime() - Number(count) * UNITS[unit as keyof typeof UNITS])
  }
  const moment = new Date(text)
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(moment.getTime()) ? moment : null
}
