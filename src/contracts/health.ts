/** Whether the people who signed up lately have what they should have, for other programs' panels. */
export interface SystemHealth {
  /** Of the recent signups, those that miss nothing, with two decimals, rounded down; 100 without any signup. */
  readonly healthPercentage: number
  /** Signups that began in the window. */
  readonly recentSignupsCount: number
  /** Of them, those whose records cannot be completed at the moment. People who have yet to act are not among them. */
  readonly signupsMissingProfiles: number
  readonly windowHours: number
}

/** The health by its two counts. A signup that misses something may not have been counted as begun yet. */
export function systemHealth(recent: number, missing: number, windowHours: number): SystemHealth {
  const all = Math.max(recent, missing)
  const share = all === 0 ? 1 : (all - missing) / all
  return {
    healthPercentage: Math.floor(share * 10_000) / 100,
    recentSignupsCount: all,
    signupsMissingProfiles: missing,
    windowHours,
  }
}
