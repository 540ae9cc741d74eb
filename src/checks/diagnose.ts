import { dependencyOf } from '../contracts/database-kind.ts'
import { withoutPersonal } from '../contracts/personal.ts'
import type { CheckReport, Diagnosis, RehearsalStep } from '../contracts/checks.ts'
import { withBlockedSignups } from './blocked-signups.ts'
import { allChecks } from './all.ts'
import type { CheckContext } from './context.ts'
import { stageCounts } from './counts.ts'
import { createRedactor } from './redact.ts'
import { runChecks } from './run-checks.ts'
import { blockedPeople } from './blocked-people.ts'
import type { SystemChecks } from './system-checks.ts'
import { workerIdentities } from './workers.ts'

/**
 * The one report for an incident: the findings of the checks, the counts of all records, the blocked signups with their
 * problems, and whether our own steps work on this database. It must work during an outage, so each part reports what
 * it can.
 */
export async function diagnose(context: CheckContext, system: SystemChecks): Promise<Diagnosis> {
  const notSeen: string[] = []
  const part = async <T, U>(name: string, look: () => Promise<T>, otherwise: U): Promise<T | U> => {
    try {
      return await look()
    } catch (error) {
      notSeen.push(`${name}: ${withoutPersonal(error instanceof Error ? error.message : String(error))}`)
      return otherwise
    }
  }
  // Runs first and alone, since the writes that checks try and roll back would be counted.
  const check = await withBlockedSignups(context, await runChecks(context.system, allChecks(context, system)))
  const counted = system
    .counts(context)
    .map(({ of, names, count }) => part(of, count, Object.fromEntries(names.map((name) => [name, null]))))
  const [counts, stages, stuck] = await Promise.all([
    Promise.all(counted),
    part('signups by stage', () => stageCounts(context), null),
    part('blocked signups', () => blockedPeople(context, system), []),
  ])
  const rehearsal: RehearsalStep[] = []
  if (answers(check, dependencyOf(context.served.state.kind))) {
    for (const { name, run } of system.rehearsals?.(context) ?? []) {
      const steps = await part(`rehearsal in ${name}`, run, [])
      rehearsal.push(...steps.map((step) => ({ ...step, name: `${name}: ${step.name}` })))
    }
  }
  return createRedactor(
    context.env,
    await workerIdentities(context),
  )({
    ok: check.ok && stuck.length === 0 && notSeen.length === 0 && rehearsal.every(({ ok }) => ok),
    system: context.system,
    at: new Date().toISOString(),
    check,
    counts: Object.assign({}, ...counts) as Diagnosis['counts'],
    stages,
    blocked: stuck,
    rehearsal,
    notChecked: notSeen,
    next: [...new Set([...check.findings, ...stuck].map(({ fix }) => fix))],
  })
}

function answers({ checks }: CheckReport, name: string): boolean {
  return checks.some((check) => check.name === name && check.ok)
}
