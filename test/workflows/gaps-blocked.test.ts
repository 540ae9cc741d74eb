import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { createAlertStore } from '../../src/state/mongo/alerts.ts'
import type { AlertRecord } from '../../src/contracts/alerts.ts'
import type { AuditResult } from '../../src/contracts/audit.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { eventually } from '../support/eventually.ts'
import { address, startSignup, meets, type Person } from '../support/people.ts'
import { withRecordedAccounts } from '../support/population.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
/** Their identities, and so their workflow ids: usual ones, one with an address, and one too long for an id. */
let blocked: Person[]
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker((deps) => {
    const recorded = withRecordedAccounts(deps, [])
    return {
      ...recorded,
      pds: {
        ...recorded.pds,
        createAccount: () => Promise.reject(new OutsideError('pds-unreachable', 'away in the test')),
      },
    }
  })
  blocked = [
    seeded({}),
    seeded({ provider: 'samlp', id: `acme|${address()}` }),
    seeded({ provider: 'samlp', id: `acme|${'x'.repeat(210)}` }),
  ]
})

/** Signed up yesterday, so that an audit judges them. */
function seeded(names: { provider?: string; id?: string }): Person {
  const email = address()
  const createdAt = new Date(Date.now() - 24 * 3_600_000)
  const [identity = ''] = world.auth0.seedUsers([{ email, verified: true, createdAt, ...names }])
  return { identity, email }
}

/** An audit of everybody, and the alert after it. */
async function audited(): Promise<{ gaps: AuditResult['gaps']; alert: AlertRecord | undefined }> {
  const { gaps } = (await world.temporal.workflow.execute('audit', {
    workflowId: `audit/atproto/${randomUUID()}`,
    taskQueue: 'holdfast-atproto',
    args: [{}],
  })) as AuditResult
  const alerts = await createAlertStore(world.db, 'atproto').list()
  return { gaps, alert: alerts.find(({ name }) => name === 'gaps-found') }
}

describe('P7: an audit while the PDS is away', () => {
  it('finds what the blocked signups have not made yet, and alerts of none of it', async () => {
    for (const person of blocked) await startSignup(world, person)
    for (const person of blocked) await meets(world, person, 'pds-unreachable')
    await eventually('visibility has them', async () => {
      const { signups } = await world.reader.list({ problem: 'pds-unreachable' })
      return signups.length === blocked.length
    })
    const { gaps, alert } = await audited()
    expect(gaps['account-missing']).toBe(blocked.length)
    expect(alert?.open ?? false).toBe(false)
  })

  it('alerts of a person who has no signup, and of no other', async () => {
    seeded({})
    const { gaps, alert } = await audited()
    expect(gaps).toMatchObject({ 'account-missing': blocked.length, 'identity-only': 1 })
    expect(alert).toMatchObject({ open: true, count: 1 })
    expect(alert?.sentence).toContain('identity-only 1')
    expect(alert?.sentence).not.toContain('account-missing')
  })
})
