import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Finding, RepairMethod } from '../../src/contracts/gaps.ts'
import { repairWayOf } from '../../src/domain/gaps.ts'
import { planChanges, planned, planOf } from '../../src/domain/plan.ts'

const found = (identity: string, kind: string, repair: RepairMethod | null, evidence = {}): Finding => ({
  system: 'atproto',
  identity,
  tenant: '-',
  kind: kind as Finding['kind'],
  since: null,
  evidence,
  repair,
})

async function* each(findings: readonly Finding[]): AsyncGenerator<Finding> {
  yield* findings
}

const plan = (findings: readonly Finding[], remove = false) =>
  planOf(each(findings), createHash('sha256'), { remove })
const changes = (before: readonly Finding[], now: readonly Finding[], remove = false, limit = 50) =>
  planChanges(each(before), each(now), limit, { remove })

const FORWARD = [
  found('a', 'code-missing', 'database', { user: 'u' }),
  found('b', 'code-missing', 'database'),
  found('b', 'user-missing', 'signup'),
  found('c', 'account-gone', null),
]
const REMOVAL = found('d', 'record-unowned', 'remove')

describe('a plan', () => {
  it('counts each person once, by the one way in which they are repaired', async () => {
    expect(await plan([...FORWARD, REMOVAL], true)).toMatchObject({
      people: 3,
      byDatabase: 1,
      removals: 1,
      removable: 0,
      skipped: 1,
      skippedKinds: { 'account-gone': 1 },
    })
  })

  it('without consent has no removal, says how many there would be, and has the digest of one without them', async () => {
    const without = await plan([...FORWARD, REMOVAL])
    expect(without).toMatchObject({ people: 2, removals: 0, removable: 1 })
    expect(without.digest).toBe((await plan(FORWARD)).digest)
    expect((await plan([...FORWARD, REMOVAL], true)).digest).not.toBe(without.digest)
  })

  it('repairs somebody who has both, and removes nothing of them', async () => {
    const both = [found('a', 'code-missing', 'database'), found('a', 'record-unowned', 'remove')]
    expect(await plan(both, true)).toMatchObject({ people: 1, byDatabase: 1, removals: 0, removable: 0 })
    const kept = []
    for await (const { kind } of planned(each(both), { remove: true })) kept.push(kind)
    expect(kept).toEqual(['code-missing'])
  })

  it('has the digest of earlier versions: identity, kind and evidence, a line each', async () => {
    const lines = '["a","code-missing",[["user","u"]]]\n["b","code-missing",[]]\n["b","user-missing",[]]\n'
    expect((await plan(FORWARD)).digest).toBe(createHash('sha256').update(lines).digest('hex'))
  })

  it('has the same digest whatever the order of the evidence', async () => {
    const one = await plan([found('a', 'code-missing', 'database', { x: '1', y: '2' })])
    const other = await plan([found('a', 'code-missing', 'database', { y: '2', x: '1' })])
    expect(one.digest).toBe(other.digest)
  })
})

describe('the difference between two plans', () => {
  it('names what is gone, new and changed, and no finding that an operator decides', async () => {
    const now = [
      found('a', 'code-missing', 'database', { user: 'v' }),
      found('b', 'user-missing', 'signup'),
      found('b', 'verification-missing', 'signup'),
    ]
    expect(await changes(FORWARD, now)).toEqual([
      { identity: 'a', kind: 'code-missing', what: 'changed' },
      { identity: 'b', kind: 'code-missing', what: 'no longer there' },
      { identity: 'b', kind: 'verification-missing', what: 'new' },
    ])
    expect(await changes(FORWARD, now, false, 1)).toHaveLength(1)
  })

  it('has a removal only where both plans have the consent', async () => {
    expect(await changes(FORWARD, [...FORWARD, REMOVAL])).toEqual([])
    expect(await changes(FORWARD, [...FORWARD, REMOVAL], true)).toEqual([
      { identity: 'd', kind: 'record-unowned', what: 'new' },
    ])
  })

  it('compares by bytes, as the databases order: U+FF5E comes before an emoji, though its UTF-16 units are greater', async () => {
    const [tilde, emoji] = ['\uff5e', '😀'].map((identity) => found(identity, 'user-missing', 'signup'))
    if (tilde === undefined || emoji === undefined) throw new Error('two findings')
    expect(await changes([tilde, emoji], [emoji])).toEqual([
      { identity: '\uff5e', kind: 'user-missing', what: 'no longer there' },
    ])
    expect(await changes([tilde], [tilde, emoji])).toMatchObject([{ identity: '😀', what: 'new' }])
  })
})

describe('the way in which a person is repaired', () => {
  it.each<[RepairMethod[], string | null]>([
    [[], null],
    [['database', 'database'], 'database'],
    [['database', 'signup'], 'workflow'],
    [['rebuild'], 'workflow'],
    [['remove'], 'remove'],
    [['remove', 'database'], 'database'],
    [['remove', 'handle'], 'workflow'],
  ])('of %j is %s', (repairs, way) => expect(repairWayOf(repairs)).toBe(way))
})
