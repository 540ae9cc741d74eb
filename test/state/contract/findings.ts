import { describe, expect, it } from 'vitest'
import { collectAll } from '../../../src/cli/lib/collect-all.ts'
import type { Finding, Gap } from '../../../src/contracts/gaps.ts'
import { useProcesses, type Home } from './home.ts'
import { byBytes, ODD_IDS } from './odd-texts.ts'

const KINDS = ['account-gone', 'code-missing', 'user-missing'] as const satisfies Gap[]

export function findingsContract(home: Home): void {
  describe('the findings of an audit', () => {
    const at = useProcesses(home)
    const finding = (identity: string, kind: Gap, change: Partial<Finding> = {}): Finding => ({
      system: home.system,
      identity,
      tenant: 'aesthetic',
      kind,
      since: null,
      evidence: {},
      repair: 'signup',
      ...change,
    })
    const collect = (audit: string): Promise<Finding[]> => collectAll(at.two.findings.iterate(audit))

    it('are the same as they were added, in the order of the bytes of identity and kind', async () => {
      const evidence = { 'a.b': '$x', ключ: "it's 100%", empty: '' }
      const since = '2026-01-02T03:04:05.678Z'
      const all = byBytes(ODD_IDS).flatMap((identity) => [
        finding(identity, 'account-gone', { repair: null, since }),
        finding(identity, 'user-missing', { evidence, tenant: 'sotce' }),
      ])
      await at.one.findings.add('odd', all.toReversed())
      expect(await collect('odd')).toEqual(all)
      expect(await at.two.findings.first('odd', 3)).toEqual(all.slice(0, 3))
    })

    it('are added once, though they are added twice and by two processes at once', async () => {
      const all = Array.from({ length: 40 }, (_, n) =>
        finding(`p${String(n).padStart(2, '0')}`, 'user-missing'),
      )
      await Promise.all([at.one.findings.add('twice', all), at.two.findings.add('twice', all.toReversed())])
      const changed = finding('p00', 'user-missing', { evidence: { now: 'known' } })
      await at.one.findings.add('twice', [changed])
      expect(await collect('twice')).toEqual([changed, ...all.slice(1)])
      expect(await at.one.findings.counts('twice')).toEqual({ 'user-missing': 40 })
      await at.one.findings.add('twice', [])
    })

    it('are complete however many there are, and none of another audit is among them', async () => {
      const many = Array.from({ length: 2_500 }, (_, n) =>
        finding(`p${String(n).padStart(5, '0')}`, 'user-missing'),
      )
      await at.one.findings.add('many', many)
      await at.one.findings.add('many1', [finding('x', 'user-missing')])
      expect((await collect('many')).map(({ identity }) => identity)).toEqual(
        many.map(({ identity }) => identity),
      )
      expect(await collect('many1')).toHaveLength(1)
      expect(await collect('unknown')).toEqual([])
    })

    it('are found by person and kind', async () => {
      await at.one.findings.add('people', [
        ...ODD_IDS.map((identity) => finding(identity, 'user-missing')),
        finding('a', 'code-missing'),
      ])
      const [all, one] = await Promise.all([
        at.two.findings.ofPeople('people', ODD_IDS, ['user-missing']),
        at.two.findings.ofPeople('people', ['a', 'nobody'], [...KINDS]),
      ])
      expect(byBytes(all.map(({ identity }) => identity))).toEqual(byBytes(ODD_IDS))
      expect(new Set(one.map(({ kind }) => kind))).toEqual(new Set(['user-missing', 'code-missing']))
      expect(await at.two.findings.ofPeople('people', [], [...KINDS])).toEqual([])
      expect(await at.two.findings.ofPeople('people', ['a'], [])).toEqual([])
    })

    it('are counted by kind, and by the people they affect', async () => {
      const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']
      await at.one.findings.add('counted', [
        finding('a', 'user-missing', { since: late }),
        finding('a', 'code-missing', { since: early }),
        finding('B', 'user-missing'),
        finding('é', 'account-gone', { since: '2020-01-01T00:00:00.000Z' }),
      ])
      const { findings } = at.two
      expect(await findings.counts('counted')).toEqual({
        'account-gone': 1,
        'code-missing': 1,
        'user-missing': 2,
      })
      expect(await findings.affected('counted', ['user-missing', 'code-missing'])).toEqual({
        identities: 2,
        kinds: { 'code-missing': 1, 'user-missing': 2 },
        since: early,
      })
      const left = { except: ['a'], exceptOf: ['code-missing'] satisfies Gap[] }
      expect(await findings.affected('counted', ['user-missing', 'code-missing'], left)).toEqual({
        identities: 2,
        kinds: { 'user-missing': 2 },
        since: late,
      })
      expect(await findings.affected('counted', ['code-missing'], left)).toEqual({
        identities: 0,
        kinds: {},
        since: null,
      })
    })

    it('name each matching person once', async () => {
      await at.one.findings.add('chosen', [
        finding('a', 'user-missing'),
        finding('a', 'code-missing'),
        finding('b', 'code-missing', { tenant: 'sotce' }),
        finding('c', 'account-gone'),
      ])
      const chosen = await at.two.findings.identitiesOf(
        'chosen',
        ['user-missing', 'code-missing'],
        ({ tenant }) => tenant === 'aesthetic',
      )
      expect(chosen).toEqual(['a'])
    })

    it('give the people to repair page by page, by how they are repaired, with all of their repairs', async () => {
      await at.one.findings.add('mixed', [
        finding('a', 'code-missing', { repair: 'database' }),
        finding('b', 'code-missing', { repair: 'database' }),
        finding('b', 'handle-differs', { repair: 'handle' }),
        finding('c', 'code-missing', { repair: 'database' }),
        finding('d', 'account-gone', { repair: null }),
        finding('e', 'verification-missing'),
        finding('e', 'user-missing', { since: '2026-01-01T00:00:00.000Z' }),
        finding('f', 'code-missing', { repair: 'database' }),
        finding('g', 'user-missing'),
        finding('h', 'user-missing', { repair: 'remove' }),
        finding('i', 'user-missing', { repair: 'remove' }),
        finding('i', 'code-missing', { repair: 'database' }),
        finding('j', 'user-missing', { repair: 'remove' }),
      ])
      const names = async (...page: Parameters<typeof at.two.findings.peopleToRepair>): Promise<string[]> =>
        (await at.two.findings.peopleToRepair(...page)).map(({ identity, repairs }) =>
          [identity, ...repairs].join(' '),
        )
      expect(await names('mixed', 'workflow', null, 1)).toEqual(['b database handle'])
      expect(await names('mixed', 'workflow', 'b', 2)).toEqual(['e signup signup', 'g signup'])
      expect(await names('mixed', 'workflow', 'b', 1)).toEqual(['e signup signup'])
      expect(await names('mixed', 'workflow', 'g', 3)).toEqual([])
      expect(await names('mixed', 'database', null, 2)).toEqual(['a database', 'c database'])
      expect(await names('mixed', 'database', 'c', 2)).toEqual(['f database', 'i database remove'])
      expect(await names('mixed', 'remove', null, 1)).toEqual(['h remove'])
      expect(await names('mixed', 'remove', 'h', 5)).toEqual(['j remove'])
      expect(await at.two.findings.peopleToRepair('mixed', 'workflow', 'e', 5)).toEqual([
        { identity: 'g', tenant: 'aesthetic', since: null, repairs: ['signup'] },
      ])
    })

    it('page through people in the order of their bytes, whatever their ids are, and miss nobody', async () => {
      for (const by of ['database', 'workflow', 'remove'] as const) {
        const repair = by === 'workflow' ? 'signup' : by
        await at.one.findings.add(
          `paged-${by}`,
          ODD_IDS.map((identity) => finding(identity, 'user-missing', { repair })),
        )
        const found: string[] = []
        for (let after: string | null = null; ;) {
          const page = await at.two.findings.peopleToRepair(`paged-${by}`, by, after, 3)
          found.push(...page.map(({ identity }) => identity))
          after = page.at(-1)?.identity ?? null
          if (after === null) break
        }
        expect(found).toEqual(byBytes(ODD_IDS))
      }
    })
  })
}
