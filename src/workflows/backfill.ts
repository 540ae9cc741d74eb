import {
  ApplicationFailure,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow'
import type {
  BackfillCarry,
  BackfillInput,
  BackfillResult,
  PlanMove,
  PlanSummary,
} from '../contracts/backfill.ts'
import { pause, progress, resume } from '../contracts/messages.ts'
import { runName } from '../contracts/ids.ts'
import { systemOfTaskQueue } from '../contracts/systems.ts'
import { changeLimit } from '../domain/brake.ts'
import { readBackfillInput, type BackfillRequest } from '../domain/run-input.ts'
import { backfillMessage } from './lib/backfill-message.ts'
import { openRepairView } from './lib/repair-view.ts'
import { repairByWindow, type WindowState } from './lib/repair-window.ts'
import { backfillDetails } from './lib/run-details.ts'
import { findAndRepair, lettingGo, scanPopulation } from './lib/scan.ts'

/**
 * Scan, plan, and – where told to – repair and look again at exactly what was touched. Repairs forward only: nothing
 * is deleted, and what would take a decision is left to a person.
 */
export async function backfill(input: BackfillInput = {}): Promise<BackfillResult> {
  const { carried } = input
  const view = openRepairView(carried)
  setHandler(progress, view.progress)
  setHandler(pause, () => view.setPaused(true))
  setHandler(resume, () => view.setPaused(false))

  const { workflowId, taskQueue, runId } = workflowInfo()
  const read = readBackfillInput(input, systemOfTaskQueue(taskQueue), new Date())
  if (!read.ok) throw ApplicationFailure.nonRetryable(read.complaints.join('; '), 'bad-input')
  const request = read.value

  try {
    return await lettingGo(carried?.audit.auditId ?? runId, () =>
      carried === undefined ? begin() : repair(carried),
    )
  } catch (error) {
    if (isCancellation(error)) {
      const { done, failed, total } = view.progress()
      setCurrentDetails(`**Cancelled** after ${done + failed} of ${total}. Signups under way go on.`)
    }
    throw error
  }

  async function begin(): Promise<BackfillResult> {
    const { audit, plan, refused, moved } = await planFor(request, runId)
    const reason = refused ?? brakeOn(plan, request)
    if (!request.fix || reason !== null) return end(plan, { refused: request.fix ? reason : null, moved })
    await findAndRepair.dropCopies({ auditId: audit.auditId, keepPeople: true })
    return repair({
      audit,
      plan,
      cursor: null,
      allStarted: plan.people === plan.byDatabase,
      inFlight: [],
      ...view.counts(),
    })
  }

  async function planFor({ system, scope: asked, plan: planId }: BackfillRequest, auditId: string) {
    const known = planId === null ? null : await findAndRepair.findPlan({ planId })
    const scope = known ?? asked
    const audit = { auditId, scope }
    if (planId !== null && known === null) {
      const plan: PlanSummary = { planId, digest: '', people: 0, byDatabase: 0, skipped: 0, population: 0 }
      return { audit, plan, refused: 'plan-unknown', moved: [] } as const
    }
    const { counts } = await scanPopulation({ system, scope }, view.scanning)
    const made = await findAndRepair.makePlan({
      ...audit,
      system,
      planId: planId ?? uuid4().slice(0, 8),
      population: counts.identities,
    })
    return {
      audit,
      plan: made.plan,
      refused: made.moved.length > 0 ? 'plan-moved' : null,
      moved: made.moved,
    } as const
  }

  async function repair(from: BackfillCarry): Promise<BackfillResult> {
    const { audit, plan } = from
    const { auditId } = audit
    const state: WindowState = {
      cursor: from.cursor,
      allStarted: from.allStarted,
      inFlight: new Map(from.inFlight.map((identity) => [identity, Date.now()])),
    }
    view.repairing(plan.people)
    if (carried === undefined) {
      let after: string | null = null
      do {
        const page: { people: number; next: string | null } = await findAndRepair.repairInDatabase({
          auditId,
          after,
        })
        view.mended(page.people)
        after = page.next
      } while (after !== null)
    }
    await repairByWindow({
      auditId,
      state,
      view,
      continueAsNew: () => {
        const { cursor, allStarted, inFlight } = state
        const carry = { audit, plan, cursor, allStarted, inFlight: [...inFlight.keys()], ...view.counts() }
        return continueAsNew<typeof backfill>({ ...input, carried: carry })
      },
    })
    view.verifying()
    const { verified } = plan.people === 0 ? { verified: 0 } : await findAndRepair.verifyRepairs(audit)
    return end(plan, { verified })
  }

  function end(
    plan: PlanSummary,
    {
      refused = null,
      moved = [],
      verified = 0,
    }: { refused?: BackfillResult['refused']; moved?: readonly PlanMove[]; verified?: number },
  ): BackfillResult {
    const { done, failed, failures } = view.counts()
    const told: Omit<BackfillResult, 'message'> = {
      backfillId: runName(workflowId),
      dryRun: !request.fix,
      planId: plan.planId,
      digest: plan.digest,
      totalMissing: plan.people,
      processed: done + failed,
      successful: done,
      failed,
      skipped: plan.skipped,
      verified,
      refused,
      moved,
      failures,
    }
    const limit = changeLimit(plan.population, request.maxChanges ?? undefined)
    const result = { ...told, message: backfillMessage(told, limit) }
    view.ended()
    setCurrentDetails(backfillDetails(result))
    return result
  }
}

function brakeOn({ people, population }: PlanSummary, { maxChanges }: BackfillRequest): 'brake' | null {
  return people > changeLimit(population, maxChanges ?? undefined) ? 'brake' : null
}
