import { describe, expect, it } from 'vitest'
import { repairBatch } from '../../../src/activities/audit/repair-batch.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import type { PersonToRepair } from '../../../src/state/ports/audit-findings.ts'

const people = (count: number): PersonToRepair[] =>
  Array.from({ length: count }, (_, n) => ({
    identity: `p${String(n).padStart(3, '0')}`,
    tenant: '-',
    since: null,
    repairs: ['database'],
  }))
const isBad = ({ identity }: PersonToRepair): boolean => Number(identity.slice(1)) % 10 === 7

/** A store whose statement for a batch fails as a whole where one of its records is refused. */
function store(refusal: () => Error) {
  const written = new Set<string>()
  let statements = 0
  return {
    written,
    statements: () => statements,
    repair: (batch: readonly PersonToRepair[]) => {
      statements += 1
      if (batch.some(isBad)) return Promise.reject(refusal())
      for (const { identity } of batch) written.add(identity)
      return Promise.resolve([])
    },
  }
}
const refused = () =>
  new OutsideError('mongo-refused', 'refused', { detail: { collection: 'users' }, refusesRecord: true })

describe('a batch of which the store refuses records', () => {
  it('names exactly those, with the reason and the fix, and writes all others', async () => {
    const { written, repair, statements } = store(refused)
    const failures = await repairBatch('atproto', people(100), repair)
    expect(failures.map(({ identity }) => identity)).toEqual(
      people(100)
        .filter(isBad)
        .map(({ identity }) => identity),
    )
    expect(failures[0]).toMatchObject({
      problem: 'mongo-refused',
      sentence: 'MongoDB refused a write to users (no code).',
    })
    expect(failures[0]?.fix).toContain('p007')
    expect(written.size).toBe(90)
    expect(statements()).toBeLessThan(100)
  })

  it('costs a good batch one statement, and finds a single bad one of 64 in two for each halving', async () => {
    const good = store(refused)
    const fine = people(200).filter((person) => !isBad(person))
    expect(await repairBatch('atproto', fine, good.repair)).toEqual([])
    expect(good.statements()).toBe(1)
    const one = store(refused)
    const [bad] = people(8).filter(isBad)
    const mixed = [...fine.slice(0, 63), ...(bad === undefined ? [] : [bad])]
    expect(await repairBatch('atproto', mixed, one.repair)).toHaveLength(1)
    expect(one.statements()).toBe(1 + 2 * 6)
  })

  it('keeps the failures that the system names itself', async () => {
    const failure = { identity: 'p001', problem: 'mongo-refused', sentence: 'No.', fix: 'Correct it.' }
    expect(await repairBatch('atproto', people(3), () => Promise.resolve([failure]))).toEqual([failure])
  })

  it.each(['mongo-unreachable', 'mongo-throttled', 'mongo-denied', 'paused'] as const)(
    'is not split for %s, which is no record’s fault',
    async (problem) => {
      const { repair, statements } = store(() => new OutsideError(problem, 'away'))
      await expect(repairBatch('atproto', people(100), repair)).rejects.toMatchObject({ problem })
      expect(statements()).toBe(1)
    },
  )
})
