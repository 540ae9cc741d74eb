import { withoutPersonal } from '../contracts/personal.ts'
import type { CheckReport, Diagnosis, RehearsalStep } from '../contracts/checks.ts'
import { withBlockedSignups } from './blocked-signups.ts'
import { atprotoChecks } from './atproto/all.ts'
import type { CheckContext } from './context.ts'
import { accountCount, recordCounts, stageCounts } from './counts.ts'
import { createRedactor } from './redact.ts'
import { rehearse } from './atproto/rehearsal.ts'
import { runChecks } from './run-checks.ts'
import { blockedPeople } from './blocked-people.ts'
import { workerIdentities } from './workers.ts'

/**
 * The one report for an incident: the findings of the checks, the counts of all records, the blocked signups with their
 * problems, and whether our own steps work on this database. It must work during an outage, so each part reports what
 * it can.
 */
export async function diagnose(context: CheckContext): Promise<Diagnosis> {
  const notSeen: string[] = []
  const part = async <T, U>(name: string, look: () => Promise<T>, otherwise: U): Promise<T | U> => {
    try {
      return await look()
    } catch (error) {
      notSeen.push(`${name}: ${withoutPersonal(error instanceof Error ? error.message : String(error))}`)
      return otherwise
    }
  }
  const nobody = { verifications: null, users: null, handles: null }
  // Runs first and alone, since the writes that checks try and roll back would be counted.
  const check = await withBlockedSignups(context, await runChecks(context.system, atprotoChecks(context)))
  const [records, accounts, stages, stuck] = await Promise.all([
    part('records', () => recordCounts(context.mongo().db), nobody),
    part('accounts', () => accountCount(context.section('pds').url), null),
    part('signups by stage', () => stageCounts(context), null),
    part('blocked signups', () => blockedPeople(context), []),
  ])
  const rehearsal: RehearsalStep[] = []
  if (answers(check, 'mongo')) {
    for (const tenant of context.tenantNames()) {
      const steps = await part(`rehearsal in ${tenant}`, () => rehearse(context, tenant), [])
      rehearsal.push(...steps.map((step) => ({ ...step, name: `${tenant}: ${step.name}` })))
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
    counts: { ...records, accounts },
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
