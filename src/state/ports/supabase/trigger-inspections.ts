import type { AuthTrigger, TriggerInspection } from '../../../domain/supabase/triggers.ts'

/** The findings of inspections of the triggers on `auth.users`, with their times. */
export interface TriggerInspections {
  /**
   * Records an inspection of now. One that found what the last one found only extends its time. Returns all of them, the
   * oldest first: the last hundred changes.
   */
  record(triggers: readonly AuthTrigger[]): Promise<TriggerInspection[]>
}
