import {
  condition,
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
  PlanChange,
  PlanSummary,
} from '../contracts/backfill.ts'
import { pause, progress, resume } from '../contracts/messages.ts'
import { runName } from '../contracts/ids.ts'
import { systemOfTaskQueue } from '../contracts/systems.ts'
import { backfillLimit } from '../domain/safety-limit.ts'
import { parseBackfillInput, type BackfillRequest } from '../domain/run-input.ts'
import { backfillMessage } from './lib/backfill-message.ts'
import { badInput } from './lib/input.ts'
import { openRepairView } from './lib/repair-view.ts'
import { repairByWindow, type WindowState } from './lib/repair-window.ts'
import { backfillDetails } from './lib/run-details.ts'
import { auditActivities, withAuditCleanup, scanPopulation } from './lib/scan.ts'
import { withDescription } from './lib/descriptions.ts'

/**
 * Scans, plans, and, where requested, repairs and then checks exactly the people it changed. It only adds and corrects:
 * nothing is deleted, and every decision is left to an operator.
 */
export async function backfill(input: BackfillInput = {}): Promise<BackfillResult> {
  const { carried } = input
  const view = openRepairView(carried)
  setHandler(progress, view.progress, withDescription(progress))
  setHandler(pause, () => view.setPaused(true), withDescription(pause))
  setHandler(resume, () => view.setPaused(false), withDescription(resume))

  const { workflowId, taskQueue, runId } = workflowInfo()
  const read = parseBackfillInput(input, systemOfTaskQueue(taskQueue), new Date())
  if (!read.ok) throw badInput(read.complaints.join('; '))
  const request = read.value

  try {
    return await withAuditCleanup(carried?.audit.auditId ?? runId, () =>
      carried === undefined ? begin() : repair(carried),
    )
  } catch (error) {
    if (isCancellation(error)) {
      const { done, failed, total } = view.progress()
      setCurrentDetails(`**Cancelled** after ${done + failed} of ${total}. Signups in flight continue.`)
    }
    throw error
  }

  async function begin(): Promise<BackfillResult> {
    const { audit, plan, notices, refused, moved } = await planFor(request, runId)
    const reason = refused ?? limitExceeded(plan, request)
    if (!request.fix || reason !== null)
      return end(plan, { notices, refused: request.fix ? reason : null, moved })
    await auditActivities.deleteAuditSnapshot({ auditId: audit.auditId, keepPeople: true })
    return repair({
      audit,
      plan,
      notices,
      databaseAfter: null,
      databaseDone: plan.byDatabase === 0,
      cursor: null,
      allStarted: plan.people === plan.byDatabase,
      inFlight: [],
      ...view.counts(),
    })
  }

  async function planFor({ system, scope: asked, plan: planId }: BackfillRequest, auditId: string) {
    const known = planId === null ? null : await auditActivities.loadPlanScope({ planId })
    const scope = known ?? asked
    const audit = { auditId, scope }
    if (planId !== null && known === null) {
      const plan: PlanSummary = { planId, digest: '', people: 0, byDatabase: 0, skipped: 0, population: 0 }
      return { audit, plan, notices: [], refused: 'plan-unknown', moved: [] } as const
    }
    const { counts, notices } = await scanPopulation({ system, scope }, view.scanning)
    const made = await auditActivities.makePlan({
      ...audit,
      system,
      planId: planId ?? uuid4().slice(0, 8),
      population: counts.identities,
    })
    return {
      audit,
      plan: made.plan,
      notices,
      refused: made.moved.length > 0 ? 'plan-moved' : null,
      moved: made.moved,
    } as const
  }

  async function repair(from: BackfillCarry): Promise<BackfillResult> {
    const { audit, plan, notices } = from
    const { auditId } = audit
    let { databaseAfter, databaseDone } = from
    const state: WindowState = {
      cursor: from.cursor,
      allStarted: from.allStarted,
      inFlight: new Map(from.inFlight.map(({ identity, startedAtMs }) => [identity, startedAtMs])),
    }
    const continueInNewRun = (): Promise<never> => {
      const { cursor, allStarted } = state
      const inFlight = [...state.inFlight].map(([identity, startedAtMs]) => ({ identity, startedAtMs }))
      const place = { databaseAfter, databaseDone, cursor, allStarted, inFlight }
      return continueAsNew<typeof backfill>({
        ...input,
        carried: { audit, plan, notices, ...place, ...view.counts() },
      })
    }
    view.repairing(plan.people)
    while (!databaseDone) {
      await condition(() => !view.isPaused())
      if (workflowInfo().continueAsNewSuggested) await continueInNewRun()
      const page = await auditActivities.repairInDatabase({ auditId, after: databaseAfter })
      view.repairedInDatabase(page.people)
      view.publish()
      databaseAfter = page.next
      databaseDone = page.next === null
    }
    await repairByWindow({
      system: request.system,
      auditId,
      state,
      view,
      continueAsNew: continueInNewRun,
    })
    view.verifying()
    const { verified } = plan.people === 0 ? { verified: 0 } : await auditActivities.verifyRepairs(audit)
    return end(plan, { notices, verified })
  }

  function end(
    plan: PlanSummary,
    {
      notices,
      refused = null,
      moved: planChanges = [],
      verified = 0,
    }: {
      notices: readonly string[]
      refused?: BackfillResult['refused']
      moved?: readonly PlanChange[]
      verified?: number
    },
  ): BackfillResult {
    const { done, failed, failures } = view.counts()
    const outcome: Omit<BackfillResult, 'message'> = {
      backfillId: runName(workflowId),
      dryRun: !request.fix,
      planId: plan.planId,
      digest: plan.digest,
      totalMissing: plan.people,
      processed: done + failed,
      successful: done,
      failed,
      skipped: plan.skipped,
      ...(plan.skippedKinds === undefined ? {} : { skippedKinds: plan.skippedKinds }),
      verified,
      notices,
      refused,
      planChanges,
      failures,
    }
    const limit = backfillLimit(plan.population, request.maxChanges ?? undefined)
    const result = { ...outcome, message: backfillMessage(request.system, outcome, limit) }
    view.ended()
    setCurrentDetails(backfillDetails(result))
    return result
  }
}

function limitExceeded({ people, population }: PlanSummary, { maxChanges }: BackfillRequest): 'brake' | null {
  return people > backfillLimit(population, maxChanges ?? undefined) ? 'brake' : null
}
