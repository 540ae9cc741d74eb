import type { CheckFinding, CheckOutcome } from '../contracts/checks.ts'
import { wordOf } from '../contracts/vocabulary.ts'
import type { BlockedByProblem } from '../contracts/watch.ts'
import type { WorkerRow } from '../contracts/workers.ts'
import type { System } from '../contracts/systems.ts'
import { checkFinding } from './check-findings.ts'

/** Signups that have only just been blocked may continue before anyone reads the report. */
const TRANSIENT_MS = 60_000

/**
 * Problems that block signups although the checks do not find them: a worker has other settings, or the problem is over
 * and its signups have not been retried yet.
 */
export function blockedDespiteChecks(
  system: System,
  blocked: readonly BlockedByProblem[],
  checks: readonly CheckOutcome[],
  workers: readonly WorkerRow[],
  now: Date,
): CheckFinding[] {
  return blocked.flatMap(({ problem, count, since }) => {
    const tried = wordOf('problems', system, problem).triedBy
    if (tried === undefined || count === 0 || now.getTime() - Date.parse(since) < TRANSIENT_MS) return []
    const related = checks.filter(({ name }) => tried.checks.test(name))
    if (related.length === 0 || related.some(({ ok }) => !ok)) return []
    const others = differingWorkers(workers, tried.settings)
    return checkFinding(system, 'blocked-despite-check', {
      problem,
      since,
      count: String(count),
      checks: related.map(({ name }) => name).join(' and '),
      ...(others === '' ? {} : { workers: others }),
    })
  })
}

/** `4711@host (PDS_ADMIN_PASSWORD)`, for the workers that accept work. */
function differingWorkers(workers: readonly WorkerRow[], settings: RegExp): string {
  return workers
    .filter(({ state }) => state === 'polling' || state === 'silent')
    .flatMap(({ identity, differs }) => {
      const names = (differs ?? []).filter((name) => settings.test(name) || name === 'HOLDFAST_ID_KEY')
      return names.length === 0 ? [] : `${identity} (${names.join(', ')})`
    })
    .join(', ')
}
