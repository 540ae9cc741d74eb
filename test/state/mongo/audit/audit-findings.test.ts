import { beforeAll, describe, expect, it } from 'vitest'
import { createAuditFindings } from '../../../../src/state/mongo/audit/findings.ts'
import type { Finding } from '../../../../src/contracts/gaps.ts'
import { openWorld, type World } from '../../../support/world.ts'

const FOUND: Finding = {
  system: 'atproto',
  identity: 'auth0|found',
  tenant: 'aesthetic',
  kind: 'user-missing',
  since: null,
  evidence: {},
  repair: 'signup',
}

let world: World
beforeAll(async () => {
  world = await openWorld()
})

describe('M4: the database refuses the index of the findings once', () => {
  it('is asked again by the next call, in the same process', async () => {
    const findings = createAuditFindings(world.db, 'atproto')
    const collection = world.db.collection('holdfast_audit_findings')
    const inTheWay = await collection.createIndex({ audit: 1 }, { name: 'audit_1_identity_1_kind_1' })
    await expect(findings.add('an-audit', [FOUND])).rejects.toMatchObject({ problem: 'mongo-refused' })

    await collection.dropIndex(inTheWay)
    await findings.add('an-audit', [FOUND])
    expect(await findings.first('an-audit', 10)).toEqual([FOUND])
  })
})
