import { beforeAll, describe, expect, it } from 'vitest'
import { createAuditFindings } from '../../../../src/state/mongo/audit/findings.ts'
import type { Finding, Gap } from '../../../../src/contracts/gaps.ts'
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

it('a finding of an earlier version, stored without its system, is one of the system that had the database alone', async () => {
  const { system: _, ...stored } = FOUND
  await world.db.collection('holdfast_audit_findings').insertOne({ audit: 'earlier', ...stored })
  expect(await createAuditFindings(world.db, 'atproto').first('earlier', 10)).toEqual([FOUND])
})

describe('those whom an audit found, to be repaired', () => {
  const found = (name: string, kind: Gap, repair: Finding['repair']): Finding => ({
    ...FOUND,
    identity: `auth0|${name}`,
    kind,
    repair,
  })

  it('are told page by page by what mends them, with all that does', async () => {
    const findings = createAuditFindings(world.db, 'atproto')
    await findings.add('mixed', [
      found('a', 'code-missing', 'database'),
      found('b', 'code-missing', 'database'),
      found('b', 'handle-differs', 'handle'),
      found('c', 'code-missing', 'database'),
      found('d', 'account-gone', null),
      found('e', 'verification-missing', 'signup'),
      found('e', 'user-missing', 'signup'),
      found('f', 'code-missing', 'database'),
      found('g', 'user-missing', 'signup'),
    ])
    const names = async (...page: Parameters<typeof findings.peopleToRepair>): Promise<string[]> =>
      (await findings.peopleToRepair(...page)).map(({ identity, repairs }) =>
        [identity.replace('auth0|', ''), ...repairs].join(' '),
      )
    expect(await names('mixed', 'workflow', null, 1)).toEqual(['b database handle'])
    expect(await names('mixed', 'workflow', 'auth0|b', 2)).toEqual(['e signup signup', 'g signup'])
    expect(await names('mixed', 'workflow', 'auth0|b', 3)).toEqual(['e signup signup', 'g signup'])
    expect(await names('mixed', 'workflow', 'auth0|g', 3)).toEqual([])
    expect(await names('mixed', 'database', null, 2)).toEqual(['a database', 'c database'])
    expect(await names('mixed', 'database', 'auth0|c', 2)).toEqual(['f database'])
  })
})

describe('M3: the findings of scheduled audits', () => {
  const kept = (): Promise<unknown[]> => world.db.collection('holdfast_audit_findings').distinct('audit')
  const conclude = (findings: ReturnType<typeof createAuditFindings>, auditId: string, at: string) =>
    findings.saveResult(
      {
        system: 'atproto',
        auditId,
        at,
        ignored: 0,
        young: 0,
        inProgress: 0,
        accountsLeft: 0,
        findings: [],
        notices: [],
        pass: false,
        scope: { tenant: null, last: null, since: null, id: null },
        counts: { identities: 0, verifications: 0, users: 0, handles: 0, accounts: 0 },
        records: {},
        gaps: {},
      },
      true,
    )

  it('are kept for two audits, also where one between failed; those of others stay', async () => {
    const findings = createAuditFindings(world.db, 'atproto')
    await world.db.collection('holdfast_audit_findings').deleteMany({})
    await findings.add('asked-for', [FOUND])
    for (const hour of [1, 2, 3, 4]) {
      const auditId = `hour-${hour}`
      await findings.add(auditId, [FOUND, { ...FOUND, identity: 'auth0|other' }], true)
      if (hour !== 3) await conclude(findings, auditId, `2026-01-01T0${hour}:00:00.000Z`)
    }
    while (!(await findings.deleteOld()).all);
    expect(new Set(await kept())).toEqual(new Set(['asked-for', 'hour-2', 'hour-4']))
    // The summary of every audit is kept: a command may request it by its id.
    expect(await findings.loadResult('hour-1')).toMatchObject({ auditId: 'hour-1' })
  })

  it('are dropped also where one of them does not say that a schedule started its audit', async () => {
    const findings = createAuditFindings(world.db, 'atproto')
    await world.db.collection('holdfast_audit_findings').deleteMany({})
    await findings.add('mixed-hour', [{ ...FOUND, identity: 'auth0|a', kind: 'deleted-but-present' }])
    await findings.add('mixed-hour', [{ ...FOUND, identity: 'auth0|b' }], true)
    while (!(await findings.deleteOld()).all);
    expect(await kept()).toEqual([])
  })
})
