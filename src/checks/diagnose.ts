import { withoutPersonal } from '../contracts/personal.ts'
import type { CheckReport, Diagnosis, RehearsalStep } from '../contracts/checks.ts'
import { atprotoChecks } from './atproto.ts'
import type { CheckContext } from './context.ts'
import { accountCount, recordCounts, stageCounts } from './counts.ts'
import { redactor } from './redact.ts'
import { rehearse } from './rehearsal.ts'
import { runChecks } from './run-checks.ts'
import { stuckPeople } from './stuck.ts'

/**
 * The one report for an incident: what the checks find, how many there are of everything, who stands still and why,
 * and whether our own steps work on this database. It is made while things are down: each part says what it can.
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
  // First and alone: what the checks try and roll back would be counted.
  const check = await runChecks(atprotoChecks(context))
  const [records, accounts, stages, stuck] = await Promise.all([
    part('records', () => recordCounts(context.mongo().db), nobody),
    part('accounts', () => accountCount(context.section('pds').url), null),
    part('signups by stage', () => stageCounts(context), null),
    part('signups that stand still', () => stuckPeople(context), []),
  ])
  const rehearsal: RehearsalStep[] = []
  if (answers(check, 'mongo')) {
    for (const tenant of context.tenantNames()) {
      const steps = await part(`rehearsal in ${tenant}`, () => rehearse(context, tenant), [])
      rehearsal.push(...steps.map((step) => ({ ...step, name: `${tenant}: ${step.name}` })))
    }
  }
  return redactor(context.env)({
    ok: check.ok && stuck.length === 0 && notSeen.length === 0 && rehearsal.every(({ ok }) => ok),
    system: 'atproto',
    at: new Date().toISOString(),
    check,
    counts: { ...records, accounts },
    stages,
    stuck,
    rehearsal,
    notSeen,
    next: [...new Set([...check.findings, ...stuck].map(({ fix }) => fix))],
  })
}

function answers({ checks }: CheckReport, name: string): boolean {
  return checks.some((check) => check.name === name && check.ok)
}
