import { expect, it } from 'vitest'
import { createRepairActivities, type RepairDeps } from '../../../../src/activities/atproto/audit/repair.ts'

it('M11: a backfill lets its people through the repair limit before it fills in their records', async () => {
  const done: string[] = []
  const person = { identity: 'auth0|1', tenant: 'aesthetic', since: null, repairs: ['database'] }
  const deps = {
    findings: { peopleToRepair: () => Promise.resolve([person]) },
    addressHash: (value: string) => `hash of ${value}`,
    codeIndex: { ensureUnique: () => Promise.resolve({ by: 'index' }) },
    safetyLimits: {
      allow: (kind: string, people: readonly string[]) =>
        Promise.resolve(void done.push(`allow ${kind} ${people.join()}`)),
    },
    users: { fillIn: () => Promise.resolve(void done.push('fill in')) },
  } as unknown as RepairDeps
  const repaired = createRepairActivities(deps).repairInDatabase({ auditId: 'an-audit', after: null })
  expect(await repaired).toEqual({ people: 1, next: null })
  expect(done).toEqual(['allow repairs hash of auth0|1', 'fill in'])
})
