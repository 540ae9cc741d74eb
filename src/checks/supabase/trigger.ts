import { createSupabaseSetup } from '../../adapters/supabase/setup.ts'
import { inspectTriggers, type Traced } from '../../adapters/supabase/trigger-inspector.ts'
import type { ProfileTables, TableName } from '../../config/supabase/sections.ts'
import type { CheckFinding } from '../../contracts/checks.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import { ownTriggerStatement } from '../../domain/supabase/own-trigger.ts'
import type { MigrationTrace } from '../../domain/supabase/trigger-migrations.ts'
import {
  restoreStatement,
  type Between,
  type TriggerChange,
  type TriggerLoss,
} from '../../domain/supabase/triggers.ts'
import type { TriggerInspections } from '../../state/ports/supabase/trigger-inspections.ts'
import type { StateDb } from '../../state/postgres/tables.ts'
import type { CheckResult } from '../check.ts'

/** A change is shown for a month; then the text of after is the usual one. */
const SHOWN_MS = 30 * 24 * 3_600_000

export interface TriggerCheckDeps {
  readonly db: StateDb
  readonly inspections: TriggerInspections
  readonly migrations: string | null
  readonly tables: ProfileTables
  readonly system: 'supabase'
  readonly now: Date
}

/** The trigger on `auth.users`: whether one exists, is enabled, and what it was before. */
export async function checkTrigger(deps: TriggerCheckDeps): Promise<CheckResult> {
  const { triggers, losses, changes, unreadable } = await inspectTriggers(deps)
  const own = losses.some(({ kind }) => kind === 'never') ? await ownStatement(deps) : ''
  const recent = changes.filter(({ between }) => deps.now.getTime() - Date.parse(between.to) < SHOWN_MS)
  return {
    findings: [
      ...losses.map((loss) => lossFinding(deps.system, loss, own)),
      ...(unreadable === null
        ? []
        : [checkFinding(deps.system, 'migrations-unreadable', { answer: unreadable })]),
    ],
    notices: recent.map((change) => changeFinding(deps.system, change)),
    facts: triggers
      .filter(({ enabled }) => enabled)
      .map(({ name, calls, events }) => `${name} calls ${calls} on ${events.join(' and ').toLowerCase()}`),
  }
}

function lossFinding(
  system: 'supabase',
  { kind, trigger, between, migration }: Traced<TriggerLoss>,
  own: string,
): CheckFinding {
  if (trigger === null) return { ...checkFinding(system, 'trigger-missing'), statement: own }
  const detail = { trigger: trigger.name, calls: trigger.calls, ...placeOf(between, migration) }
  const name = kind === 'disabled' ? 'trigger-disabled' : 'trigger-missing'
  return { ...checkFinding(system, name, detail), statement: restoreStatement(trigger) }
}

function changeFinding(
  system: 'supabase',
  { before, after, between, migration }: Traced<TriggerChange>,
): CheckFinding {
  const now = after.calls === before.calls ? {} : { now: after.calls }
  const detail = { trigger: before.name, calls: before.calls, ...now, ...placeOf(between, migration) }
  return { ...checkFinding(system, 'trigger-changed', detail), statement: restoreStatement(before) }
}

/** Between which inspections, and in which migration. */
function placeOf(
  between: Between | null,
  migration: MigrationTrace | null,
): Readonly<Record<string, string>> {
  return {
    ...(between === null ? {} : { from: between.from, to: between.to }),
    ...(migration?.kind === 'removed' ? { migration: migration.file } : {}),
    ...(migration?.kind === 'created'
      ? { untraced: `the last migration that mentions it, ${migration.file}, creates it` }
      : {}),
    ...(migration?.kind === 'nowhere'
      ? { untraced: 'no migration creates it: a squash or a diff may have left it out' }
      : {}),
  }
}

async function ownStatement({ db, tables }: TriggerCheckDeps): Promise<string> {
  const columns = await createSupabaseSetup(db).columns(tables.profiles)
  return ownTriggerStatement({
    profiles: sqlName(tables.profiles),
    columns,
    events: tables.events === null ? null : sqlName(tables.events),
    mapping: tables.mapping,
  })
}

function sqlName({ schema, table }: TableName): string {
  return `"${schema}"."${table}"` // neither contains a quote
}
