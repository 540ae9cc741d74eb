import type { AlertFinding } from '../../contracts/alerts.ts'
import { signupHealth } from './health.ts'
import type { MigrationTrace } from './trigger-migrations.ts'
import type { TriggerLoss } from './triggers.ts'

/** The alerts about users without a profile; at most one of them is open: the one that names the cause. */
export const PROFILE_ALERTS = ['trigger-missing', 'profiles-missing', 'signup-health'] as const

/** The last day's users who owe a profile and are older than the grace period. */
export interface RecentSignups {
  readonly signups: number
  readonly missing: number
  /** Of `missing`, those of the last hour. */
  readonly missingLately: number
  /** When the first of those without a profile signed up, ISO 8601; null where all have one. */
  readonly since: string | null
}

export type TracedLoss = TriggerLoss & { readonly migration: MigrationTrace | null }

/**
 * `trigger-missing` where a trigger is lost, whether or not anybody signed up since; otherwise `profiles-missing` while
 * new users are affected, and `signup-health` while only earlier ones of the day are.
 */
export function profileAlerts(
  { signups, missing, missingLately, since }: RecentSignups,
  loss: TracedLoss | null,
  now: Date,
): AlertFinding[] {
  const percent = String(signupHealth(signups, missing).healthPercentage)
  const detail = { signups: String(signups), percent }
  if (loss !== null) {
    const { kind, trigger, between, migration } = loss
    const named = {
      kind,
      ...(trigger === null ? {} : { trigger: trigger.name, calls: trigger.calls }),
      ...(between === null ? {} : { from: between.from, to: between.to }),
      ...(migration?.kind === 'removed' ? { migration: migration.file } : {}),
    }
    const first = between?.to ?? since ?? now.toISOString()
    return [{ name: 'trigger-missing', count: missing, since: first, detail: { ...detail, ...named } }]
  }
  if (missing === 0 || since === null) return []
  return [{ name: missingLately > 0 ? 'profiles-missing' : 'signup-health', count: missing, since, detail }]
}
