import type { SignupHealth } from '../../adapters/supabase/profiles.ts'
import type { AlertFinding } from '../../contracts/alerts.ts'
import { signupHealth } from '../../domain/supabase/health.ts'

/** The alerts about users without a profile; at most one of them is open for the same users. */
export const PROFILE_ALERTS = ['profiles-missing', 'signup-health'] as const

/** `profiles-missing` while new users are affected, `signup-health` while only earlier ones of the day are. */
export function profileAlerts({ signups, missing, missingLately, since }: SignupHealth): AlertFinding[] {
  if (missing === 0 || since === null) return []
  const percent = String(signupHealth(signups, missing).healthPercentage)
  const detail = { signups: String(signups), percent }
  return [{ name: missingLately > 0 ? 'profiles-missing' : 'signup-health', count: missing, since, detail }]
}
