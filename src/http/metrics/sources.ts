import type { Client } from '@temporalio/client'
import { countBlocked } from '../../client/blocked.ts'
import { runningBackfills } from '../../client/runs.ts'
import { withDeadline } from '../../client/temporal.ts'
import { countRuns, signupsOf, visibility } from '../../client/visibility.ts'
import type { SystemHealth } from '../../contracts/health.ts'
import { stepNames } from '../../contracts/history.ts'
import type { System } from '../../contracts/systems.ts'
import type { State } from '../../state/ports.ts'
import type { Cursor } from '../../state/ports/cursors.ts'
import type { Total, Totals } from '../../state/ports/totals.ts'
import type { Sample } from './definitions.ts'
import {
  alertSamples,
  backfillSamples,
  blockedSamples,
  healthSamples,
  totalSamples,
  workerSamples,
} from './samples.ts'

const DAY_MS = 24 * 3_600_000
/** The most blocked workflows that are read, a thousand a page; beyond it the figures are a lower bound. */
const MOST_BLOCKED = 20_000
/** How long Temporal may take for them, in milliseconds. */
const BLOCKED_MS = 30_000

/** A part of a system's metrics that is read together, at most once in `everyMs`. */
export interface MetricSource {
  readonly name: 'totals' | 'state' | 'temporal' | 'health'
  readonly everyMs: number
  load(): Promise<readonly Sample[]>
}

export interface SourceDeps {
  readonly system: System
  readonly temporal: Client
  readonly state: Pick<
    State,
    'alerts' | 'cursors' | 'heldActions' | 'ignored' | 'quarantineSummary' | 'switches' | 'totals' | 'workers'
  >
  /** The tenants whose events are read regularly. */
  readonly tenants: readonly string[]
  /** As a workflow id names an ignored person. */
  readonly nameInIds: (identity: string) => string
  /** The system's answer, which is cached by itself. */
  readonly health: () => Promise<SystemHealth>
}

export function metricSources(deps: SourceDeps): MetricSource[] {
  const { system, health } = deps
  const year = yearTotals(deps.state.totals)
  return [
    { name: 'totals', everyMs: 15_000, load: async () => totalSamples(system, await year()) },
    { name: 'state', everyMs: 15_000, load: () => stateSamples(deps) },
    { name: 'temporal', everyMs: 60_000, load: () => temporalSamples(deps) },
    { name: 'health', everyMs: 15_000, load: async () => healthSamples(await health()) },
  ]
}

/**
 * The totals of this year, for counters that never decrease within it, are the same on each server, and survive a
 * restart. Days that are over are read once a day: of the others only two days are read each time.
 */
export function yearTotals(totals: Pick<Totals, 'list'>, now = () => new Date()): () => Promise<Total[]> {
  let past: { readonly upTo: number; readonly totals: readonly Total[] } = { upTo: 0, totals: [] }
  return async () => {
    const at = now()
    const year = Date.UTC(at.getUTCFullYear())
    const yesterday = Math.max(year, Math.floor(at.getTime() / DAY_MS) * DAY_MS - DAY_MS)
    if (past.upTo !== yesterday) {
      const before = await totals.list('day', { from: new Date(year), to: new Date(yesterday) })
      past = { upTo: yesterday, totals: before }
    }
    const recent = await totals.list('day', {
      from: new Date(yesterday),
      to: new Date(at.getTime() + DAY_MS),
    })
    return [...past.totals, ...recent]
  }
}

async function stateSamples({ system, state, tenants }: SourceDeps): Promise<Sample[]> {
  const [alerts, quarantine, workers, cursors, creations, deletions, heldDeletions, heldRepairs] =
    await Promise.all([
      state.alerts.list(),
      state.quarantineSummary(),
      state.workers.list(),
      Promise.all(tenants.map((tenant) => state.cursors.load(tenant))),
      state.switches.pauseOf('creations'),
      state.switches.pauseOf('deletions'),
      state.heldActions.countHeld('deletions'),
      state.heldActions.countHeld('repairs'),
    ])
  return [
    ...alertSamples(system, alerts),
    { name: 'holdfast_quarantined_events', labels: {}, value: quarantine.count },
    ...workerSamples(workers),
    ...tenants.flatMap((tenant, index) => cursorSamples(tenant, cursors[index])),
    { name: 'holdfast_paused', labels: { work: 'creations' }, value: creations === null ? 0 : 1 },
    { name: 'holdfast_paused', labels: { work: 'deletions' }, value: deletions === null ? 0 : 1 },
    { name: 'holdfast_held_actions', labels: { action: 'deletions' }, value: heldDeletions.count },
    { name: 'holdfast_held_actions', labels: { action: 'repairs' }, value: heldRepairs.count },
  ]
}

/** No lag where catch-up never ran: there is nothing to measure. */
function cursorSamples(tenant: string, cursor: Cursor | undefined): Sample[] {
  if (cursor === undefined) return []
  const { caughtUpAt, gap } = cursor
  const lag = caughtUpAt === null ? null : Math.max(0, (Date.now() - caughtUpAt.getTime()) / 1_000)
  return [
    ...(lag === null
      ? []
      : [{ name: 'holdfast_catch_up_lag_seconds' as const, labels: { tenant }, value: lag }]),
    { name: 'holdfast_catch_up_gap', labels: { tenant }, value: gap === null ? 0 : 1 },
  ]
}

async function temporalSamples({ system, temporal, state, nameInIds }: SourceDeps): Promise<Sample[]> {
  const ignored = new Set((await state.ignored.list()).map(({ identity }) => nameInIds(identity)))
  const stages = stepNames(system)
  const [counts, blocked, backfills] = await Promise.all([
    Promise.all(
      stages.map((stage) =>
        countRuns(
          temporal,
          visibility`${signupsOf(system)} AND ExecutionStatus = 'Running' AND SignupStage = ${stage}`,
        ),
      ),
    ),
    withDeadline(temporal, () => countBlocked(temporal, system, ignored, { most: MOST_BLOCKED }), BLOCKED_MS),
    withDeadline(temporal, () => runningBackfills(temporal, system)),
  ])
  return [
    ...stages.map((stage, index): Sample => ({
      name: 'holdfast_signups_in_progress',
      labels: { stage },
      value: counts[index] ?? 0,
    })),
    ...blockedSamples(system, blocked, new Date()),
    ...backfillSamples(backfills),
  ]
}
