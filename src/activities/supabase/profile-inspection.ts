import type { SupabaseCalls } from '../../adapters/supabase/connect.ts'
import type { AlertFinding } from '../../contracts/alerts.ts'
import { profileAlerts, type TracedLoss } from '../../domain/supabase/profile-alerts.ts'

export interface ProfileInspectionDeps {
  readonly supabase: Pick<SupabaseCalls, 'signupHealth'>
  readonly graceMs: number
  /** The triggers that are lost now. Null where another part than a trigger creates the profiles. */
  readonly inspectTrigger: (() => Promise<readonly TracedLoss[]>) | null
}

/** Looks at the trigger, which needs no grace period, and at the last day's users. */
export function createProfileInspection({
  supabase,
  graceMs,
  inspectTrigger,
}: ProfileInspectionDeps): () => Promise<AlertFinding[]> {
  return async () => {
    const [[loss = null], health] = await Promise.all([
      inspectTrigger === null ? [] : inspectTrigger(),
      supabase.signupHealth(graceMs),
    ])
    return profileAlerts(health, loss, new Date())
  }
}
