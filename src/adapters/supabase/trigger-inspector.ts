import type { Kysely } from 'kysely'
import {
  compareInspections,
  type AuthTrigger,
  type TriggerChange,
  type TriggerLoss,
} from '../../domain/supabase/triggers.ts'
import {
  traceTrigger,
  type MigrationFile,
  type MigrationTrace,
} from '../../domain/supabase/trigger-migrations.ts'
import type { TriggerInspections } from '../../state/ports/supabase/trigger-inspections.ts'
import { readMigrations } from './migrations.ts'
import { readTriggers } from './triggers.ts'

/** A loss, or a change, with what the project's migrations say of it; null where no folder of them is known. */
export type Traced<T> = T & { readonly migration: MigrationTrace | null }

export interface TriggerReport {
  readonly triggers: readonly AuthTrigger[]
  readonly losses: readonly Traced<TriggerLoss>[]
  readonly changes: readonly Traced<TriggerChange>[]
  /** Why the migrations could not be read, by the code of the system; null where they were, or where nothing is to trace. */
  readonly unreadable: string | null
}

export interface TriggerInspectorDeps<Tables> {
  readonly db: Kysely<Tables>
  readonly inspections: TriggerInspections
  /** The folder with the project's migrations (`SUPABASE_MIGRATIONS`). */
  readonly migrations: string | null
}

/**
 * Inspects the triggers on `auth.users`, records what it finds, and compares it with what earlier inspections found. The
 * folder of migrations is read only where something is lost or changed.
 */
export async function inspectTriggers<Tables>({
  db,
  inspections,
  migrations,
}: TriggerInspectorDeps<Tables>): Promise<TriggerReport> {
  const triggers = await readTriggers(db)
  const { losses, changes } = compareInspections(await inspections.record(triggers))
  const read = migrations === null || losses.length + changes.length === 0 ? [] : await filesIn(migrations)
  const files = typeof read === 'string' || migrations === null ? null : read
  const trace = (trigger: AuthTrigger | null): MigrationTrace | null =>
    files === null || trigger === null ? null : traceTrigger(files, trigger)
  return {
    triggers,
    losses: losses.map((loss) => ({ ...loss, migration: trace(loss.trigger) })),
    changes: changes.map((change) => ({ ...change, migration: trace(change.before) })),
    unreadable: typeof read === 'string' ? read : null,
  }
}

/** A folder that cannot be read hides no loss: the code of the system's error is returned in its place. */
async function filesIn(folder: string): Promise<MigrationFile[] | string> {
  try {
    return await readMigrations(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
    throw error
  }
}
