import { NO_TENANT } from '../../contracts/systems.ts'
import type { Cursors } from '../../state/ports/cursors.ts'

/** Supabase's settings for hooks cannot be read from its database: the last call shows whether they are right. */
export type SupabaseCaller = 'webhook' | 'hook'

const sourceOf = (by: SupabaseCaller): string => `last ${by}`

/** Records the time of an authenticated call. Of two at once one may be lost. */
export async function recordCall(cursors: Cursors, by: SupabaseCaller, at: Date): Promise<void> {
  const from = await cursors.place(NO_TENANT, sourceOf(by))
  await cursors.advance(NO_TENANT, sourceOf(by), { from, to: at.toISOString() })
}

/** When the last authenticated call of the kind came, ISO 8601; null where none has come. */
export function lastCall(cursors: Pick<Cursors, 'place'>, by: SupabaseCaller): Promise<string | null> {
  return cursors.place(NO_TENANT, sourceOf(by))
}
