import { randomUUID } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { createAlertStore } from '../../../src/state/mongo/alerts.ts'
import { createAuditFindings } from '../../../src/state/mongo/audit/findings.ts'
import { plannedSchedules } from '../../../src/client/planned-schedules.ts'
import { createSchedules } from '../../../src/client/schedules.ts'
import { auditWorkflowId } from '../../../src/contracts/ids.ts'
import { taskQueueOf } from '../../../src/contracts/systems.ts'
import { createApplicationRecords } from '../../../src/adapters/mongo/application-records.ts'
import { mayBeResolvedIn } from '../../../src/worker/atproto/health.ts'
import { auditAgainIfRepaired } from '../../../src/worker/health/audit-again.ts'
import { eventually } from '../../support/eventually.ts'
import { startSignup, expectComplete, newPerson } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'
let world: World
beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_GRACE_MINUTES: '0' } })
  await world.startWorker()
})

it('3.1: gaps-found is looked at again as soon as a gap of it is repaired, without an audit by hand', async () => {
  const { db, temporal } = world
  const person = await newPerson(world)
  await temporal.workflow.execute('audit', {
    taskQueue: taskQueueOf('atproto'),
    workflowId: auditWorkflowId('atproto', randomUUID()),
    args: [{}],
  })
  const alerts = createAlertStore(db, 'atproto')
  expect(await alerts.isOpen('gaps-found')).toBe(true)
  const rows = plannedSchedules('atproto', []).filter(({ workflowType }) => workflowType === 'audit')
  await createSchedules(temporal).apply(rows)
  const findings = createAuditFindings(db, 'atproto')
  const mayBeResolved = mayBeResolvedIn(createApplicationRecords(db))
  const parts = { system: 'atproto', temporal, alerts, findings, mayBeResolved } as const
  const later = { ...parts, now: () => Date.now() + 30 * 60_000 }
  expect(await auditAgainIfRepaired(later)).toBe(false) // nothing has changed
  const first = await parts.findings.latestFullAudit()

  await startSignup(world, person)
  await expectComplete(world, person)
  expect(await auditAgainIfRepaired(parts)).toBe(false) // the audit has just run
  expect(await auditAgainIfRepaired(later)).toBe(true)
  // The accounts of other tests on the shared PDS stay unowned, so the alert is renewed here and not closed.
  await eventually('a scheduled audit has looked again, and no longer names the person', async () => {
    const latest = await parts.findings.latestFullAudit()
    if (latest === null || latest === first) return false
    return !(await parts.findings.first(latest, 1_000)).some(({ identity }) => identity === person.identity)
  })
})
