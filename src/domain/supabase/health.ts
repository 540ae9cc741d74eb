/** The health of the last day's signups, as `audit --json` shows it. */
export interface SignupHealthFigures {
  /** 100 where nobody signed up; rounded down to a tenth, so that 100 means all. */
  readonly healthPercentage: number
  readonly recentSignupsCount: number
  readonly signupsMissingProfiles: number
}

export function signupHealth(signups: number, missing: number): SignupHealthFigures {
  return {
    healthPercentage: signups === 0 ? 100 : Math.floor(((signups - missing) / signups) * 1_000) / 10,
    recentSignupsCount: signups,
    signupsMissingProfiles: missing,
  }
}
