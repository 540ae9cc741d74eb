import { expect, it } from 'vitest'
import type { AuditAnswers } from '../../../src/activities/audit/answers.ts'
import { createRepairActivities, type RepairDeps } from '../../../src/activities/audit/repair.ts'

it('M11: a backfill lets its people through the repair limit before it fills in their records', async () => {
  const done: string[] = []
  const person = { identity: 'auth0|1', tenant: 'aesthetic', since: null, repairs: ['database'] }
  const deps = {
    findings: { peopleToRepair: () => Promise.resolve([person]) },
    addressHash: (value: string) => `hash of ${value}`,
    safetyLimits: {
      allow: (kind: string, people: readonly string[]) =>
        Promise.resolve(void done.push(`allow ${kind} ${people.join()}`)),
    },
  } as unknown as RepairDeps
  const answers = {
    repairInDatabase: () => Promise.resolve(void done.push('fill in')),
  } as unknown as AuditAnswers
  const { repairInDatabase } = createRepairActivities(deps, answers)
  expect(await repairInDatabase({ auditId: 'an-audit', after: null })).toEqual({ people: 1, next: null })
  expect(done).toEqual(['allow repairs hash of auth0|1', 'fill in'])
})
