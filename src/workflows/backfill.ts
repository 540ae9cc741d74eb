import {
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow'
import type { BackfillCarry, BackfillInput, BackfillResult, PlanSummary } from '../contracts/backfill.ts'
import { pause, progress, resume } from '../contracts/messages.ts'
import { systemOfTaskQueue } from '../contracts/systems.ts'
import { backfillLimit } from '../domain/safety-limit.ts'
import { parseBackfillInput, type BackfillRequest } from '../domain/run-input.ts'
import { backfillResult, type BackfillEnd } from './lib/backfill-result.ts'
import { badInput } from './lib/input.ts'
import { createOutageWait } from './lib/outage.ts'
import { repairByPages, verifyBeginning, verifyByPages } from './lib/repair-pages.ts'
import { beginningOf, openPlace, waysOf } from './lib/repair-place.ts'
import { openRepairView } from './lib/repair-view.ts'
import { repairByWindow } from './lib/repair-window.ts'
import { backfillDetails } from './lib/run-details.ts'
import { auditActivities, withAuditCleanup, scanPopulation } from './lib/scan.ts'
import { withDescription } from './lib/descriptions.ts'

/**
 * Scans, plans, and, where requested, repairs and then checks exactly the people it changed. It adds and corrects; it
 * removes records that nobody owns only with `remove`, last. Every other decision is left to an operator.
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
    const { audit, plan, batches, notices, refused, moved } = await planFor(request, runId)
    const reason = refused ?? limitExceeded(plan, request)
    if (!request.fix || reason !== null)
      return end(plan, { notices, refused: request.fix ? reason : null, moved })
    await view.notPaused()
    await auditActivities.deleteAuditSnapshot({ auditId: audit.auditId, keepPeople: true })
    return repair({ ...beginningOf(plan, batches), audit, notices, ...view.counts() })
  }

  async function planFor(wanted: BackfillRequest, auditId: string) {
    const { system, remove, plan: planId } = wanted
    await view.notPaused()
    const known = planId === null ? null : await auditActivities.loadPlanScope({ planId })
    const scope = known?.scope ?? wanted.scope
    const audit = { auditId, scope }
    const unseen =
      planId === null
        ? null
        : known === null
          ? 'plan-unknown'
          : known.remove === remove
            ? null
            : 'plan-consent'
    if (unseen !== null) {
      const plan: PlanSummary = {
        planId: planId ?? '',
        digest: '',
        people: 0,
        byDatabase: 0,
        skipped: 0,
        population: 0,
      }
      return { audit, plan, batches: null, notices: [], refused: unseen, moved: [] } as const
    }
    const { counts, notices } = await scanPopulation({ system, scope }, view.scanning, {
      remove,
      beforeStep: view.notPaused,
    })
    view.begin('planning')
    await view.notPaused()
    const { plan, moved, batches } = await auditActivities.makePlan({
      ...audit,
      system,
      planId: planId ?? uuid4().slice(0, 8),
      population: counts.identities,
      remove,
    })
    return { audit, plan, batches, notices, refused: moved.length > 0 ? 'plan-moved' : null, moved } as const
  }

  async function repair(from: BackfillCarry): Promise<BackfillResult> {
    const { audit, plan, notices } = from
    const place = openPlace(from)
    const continueInNewRun = (): Promise<never> =>
      continueAsNew<typeof backfill>({
        ...input,
        carried: { audit, plan, notices, ...place.forNextRun(), ...view.counts() },
      })
    const common = { system: request.system, auditId: audit.auditId, view, continueAsNew: continueInNewRun }
    const phase = { ...common, throughOutages: createOutageWait(common) }

    view.begin('repairing', plan.people)
    await repairByPages('database', place.database, phase)
    await repairByWindow({ ...phase, state: place.window, batches: place.batches })
    if (!place.removal.done) view.begin('removing')
    await repairByPages('remove', place.removal, phase)
    view.begin('verifying')
    place.verifying ??= verifyBeginning()
    const verified = await verifyByPages(place.verifying, waysOf(plan), phase)
    return end(plan, { notices, verified })
  }

  function end(plan: PlanSummary, how: BackfillEnd): BackfillResult {
    const result = backfillResult(workflowId, request, plan, view.counts(), how)
    view.begin('done')
    setCurrentDetails(backfillDetails(result))
    return result
  }
}

function limitExceeded({ people, population }: PlanSummary, { maxChanges }: BackfillRequest): 'brake' | null {
  return people > backfillLimit(population, maxChanges ?? undefined) ? 'brake' : null
}
