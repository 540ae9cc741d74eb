import type {
  BackfillCarry,
  PhasePlace,
  PlanSummary,
  RepairBy,
  VerifyPlace,
  WorkflowBatches,
} from '../../contracts/backfill.ts'
import type { MutablePlace } from './repair-pages.ts'
import type { WindowState } from './repair-window.ts'

/** The sizes for a run that began in an earlier version, in which every system had these. */
const EARLIER_BATCHES: WorkflowBatches = { workflows: 3, workflowsAtMost: 16 }

/** The progress of a backfill in each of its phases. */
export interface RepairPlace {
  readonly batches: WorkflowBatches
  readonly database: MutablePlace<PhasePlace>
  readonly window: WindowState
  readonly removal: MutablePlace<PhasePlace>
  verifying: MutablePlace<VerifyPlace> | null
  forNextRun(): Progress
}

type Progress = Pick<
  BackfillCarry,
  | 'databaseAfter'
  | 'databaseDone'
  | 'cursor'
  | 'allStarted'
  | 'inFlight'
  | 'workflowBatches'
  | 'removal'
  | 'verifying'
>

/** The ways in which somebody in the plan is repaired. */
export function waysOf({ people, byDatabase, removals = 0 }: PlanSummary): ReadonlySet<RepairBy> {
  const counts = { database: byDatabase, workflow: people - byDatabase - removals, remove: removals }
  return new Set((Object.keys(counts) as RepairBy[]).filter((by) => counts[by] > 0))
}

/** The beginning of the repairs of a plan. */
export function beginningOf(
  plan: PlanSummary,
  batches: WorkflowBatches | null,
): Progress & Pick<BackfillCarry, 'plan'> {
  const ways = waysOf(plan)
  return {
    plan,
    databaseAfter: null,
    databaseDone: !ways.has('database'),
    cursor: null,
    allStarted: !ways.has('workflow'),
    inFlight: [],
    ...(batches === null ? {} : { workflowBatches: batches }),
    removal: { after: null, done: !ways.has('remove') },
  }
}

export function openPlace(from: Progress): RepairPlace {
  const place: RepairPlace = {
    batches: from.workflowBatches ?? EARLIER_BATCHES,
    database: { after: from.databaseAfter, done: from.databaseDone },
    window: {
      cursor: from.cursor,
      allStarted: from.allStarted,
      inFlight: new Map(from.inFlight.map(({ identity, startedAtMs }) => [identity, startedAtMs])),
    },
    removal: { ...(from.removal ?? { after: null, done: true }) },
    verifying: from.verifying === undefined ? null : { ...from.verifying },
    forNextRun() {
      const { batches, database, window, removal, verifying } = place
      return {
        databaseAfter: database.after,
        databaseDone: database.done,
        cursor: window.cursor,
        allStarted: window.allStarted,
        inFlight: [...window.inFlight].map(([identity, startedAtMs]) => ({ identity, startedAtMs })),
        workflowBatches: batches,
        removal: { ...removal },
        ...(verifying === null ? {} : { verifying: { ...verifying } }),
      }
    },
  }
  return place
}
