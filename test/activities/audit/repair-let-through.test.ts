import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, it } from 'vitest'
import type { AuditAnswers } from '../../../src/activities/audit/answers.ts'
import { createRepairActivities, type RepairDeps } from '../../../src/activities/audit/repair.ts'

it('M11: a backfill lets its people through the repair limit before it fills in their records', async () => {
  const done: string[] = []
  const person = { identity: 'auth0|1', tenant: 'aesthetic', since: null, repairs: ['database'] }
  const deps = {
    findings: { peopleToRepair: () => Promise.resolve([person]) },
    switches: { assertNotPaused: () => Promise.resolve() },
    addressHash: (value: string) => `hash of ${value}`,
    safetyLimits: {
      allow: (kind: string, people: readonly string[]) =>
        Promise.resolve(void done.push(`allow ${kind} ${people.join()}`)),
    },
  } as unknown as RepairDeps
  const answers = {
    system: 'atproto',
    batches: { database: 200, removal: 200, workflows: 3, workflowsAtMost: 16 },
    repairInDatabase: () => {
      done.push('fill in')
      return Promise.resolve([])
    },
  } as unknown as AuditAnswers
  const { repairInDatabase } = createRepairActivities(deps, answers)
  const page = { auditId: 'an-audit', after: null, namesAtMost: 50 }
  expect(await new MockActivityEnvironment().run(repairInDatabase, page)).toEqual({
    done: 1,
    failed: 0,
    failures: [],
    next: null,
  })
  expect(done).toEqual(['allow repairs hash of auth0|1', 'fill in'])
})
