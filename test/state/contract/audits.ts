import { describe, expect, it } from 'vitest'
import { collectAll } from '../../../src/cli/lib/collect-all.ts'
import type { AuditResult, AuditScope, PersonRow } from '../../../src/contracts/audit.ts'
import type { System } from '../../../src/contracts/systems.ts'
import type { AuditFindings } from '../../../src/state/ports/audit-findings.ts'
import { useProcesses, type Home } from './home.ts'
import { byBytes, ODD_IDS } from './odd-texts.ts'

const EVERYBODY: AuditScope = { tenant: null, last: null, since: null, id: null }
const atHour = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString()

export function resultOf(system: System, auditId: string, change: Partial<AuditResult> = {}): AuditResult {
  return {
    system,
    auditId,
    at: atHour(1),
    scope: EVERYBODY,
    counts: { identities: 7, users: 6 },
    records: { 'user record': { have: 6, due: 7, percent: 85.7 } },
    gaps: { 'user-missing': 1 },
    ignored: 1,
    young: 2,
    inProgress: 3,
    accountsLeft: 4,
    findings: [],
    notices: ["it's $odd"],
    pass: false,
    ...change,
  }
}

export function auditsContract(home: Home): void {
  describe('audits', () => {
    const at = useProcesses(home)
    const found = (system: System, identity = 'auth0|x') => ({
      system,
      identity,
      tenant: 'aesthetic',
      kind: 'user-missing' as const,
      since: null,
      evidence: {},
      repair: null,
    })

    it('are stored with their results, without findings, and again where they are stored twice', async () => {
      const result = resultOf(home.system, 'stored', { findings: [found(home.system)] })
      await at.one.findings.saveResult(result)
      const { findings: _, ...rest } = result
      expect(await at.two.findings.loadResult('stored')).toEqual(rest)
      await at.one.findings.saveResult({ ...result, pass: true }, true)
      expect(await at.two.findings.loadResult('stored')).toEqual({ ...rest, pass: true })
      expect(await at.two.findings.loadResult('unknown')).toBeNull()
      expect(await at.other.findings.loadResult('stored')).toBeNull()
    })

    it('the newest of everybody is known, whatever narrower ones came later', async () => {
      const database = await home.create()
      try {
        const [{ findings }, other] = [
          await database.open(home.system),
          await database.open(home.otherSystem),
        ]
        expect(await findings.latestFullAudit()).toBeNull()
        const save = (auditId: string, hour: number, scope: Partial<AuditScope> = {}) =>
          findings.saveResult(
            resultOf(home.system, auditId, { at: atHour(hour), scope: { ...EVERYBODY, ...scope } }),
          )
        await save('second', 2)
        await save('first', 1)
        await save('of-tenant', 3, { tenant: 'sotce' })
        await save('of-last', 3, { last: 5 })
        await save('since', 3, { since: atHour(0) })
        await save('of-one', 3, { id: 'auth0|x' })
        await other.findings.saveResult(resultOf(home.otherSystem, 'theirs', { at: atHour(9) }))
        expect(await findings.latestFullAudit()).toBe('second')
        expect(await other.findings.latestFullAudit()).toBe('theirs')
      } finally {
        await database.drop()
      }
    })

    it('give the counts of those that began between two times', async () => {
      const database = await home.create()
      try {
        const [{ findings }, other] = [
          await database.open(home.system),
          await database.open(home.otherSystem),
        ]
        for (const hour of [1, 2, 3, 4])
          await findings.saveResult(
            resultOf(home.system, `h${hour}`, { at: atHour(hour), counts: { identities: hour } }),
          )
        await other.findings.saveResult(resultOf(home.otherSystem, 'theirs', { at: atHour(2) }))
        const between = await findings.countsBetween(atHour(1), atHour(4))
        expect(between.toSorted((a, b) => a.at.localeCompare(b.at))).toEqual([
          { at: atHour(2), counts: { identities: 2 } },
          { at: atHour(3), counts: { identities: 3 } },
        ])
      } finally {
        await database.drop()
      }
    })

    it('list their people, the newest first, with the columns of the system', async () => {
      const row = (identity: string, signedUpAt: string | null): PersonRow => ({
        identity,
        tenant: 'aesthetic',
        state: 'healthy',
        signedUpAt,
        verifications: 3,
        reachable: true,
        email: null,
      })
      const rows = [row('b', atHour(3)), row('a', atHour(2)), row('c', atHour(2)), row('d', null)]
      await at.one.findings.addPeople('people', rows.toReversed())
      await Promise.all([
        at.one.findings.addPeople('people', rows),
        at.two.findings.addPeople('people', rows.toReversed()),
      ])
      await at.one.findings.addPeople('people1', [row('z', atHour(9))])
      expect(await collectAll(at.two.findings.iteratePeople('people'))).toEqual(rows)
      const odd = byBytes(ODD_IDS).map((identity) => row(identity, atHour(1)))
      await at.one.findings.addPeople('odd', odd)
      expect(await collectAll(at.two.findings.iteratePeople('odd'))).toEqual(odd)
    })

    describe('that a schedule started', () => {
      const present = async ({ first }: AuditFindings, audits: readonly string[]): Promise<string[]> => {
        const kept: string[] = []
        for (const audit of audits) if ((await first(audit, 1)).length > 0) kept.push(audit)
        return kept
      }

      it('lose their findings after two more, those that failed between them too; the others keep theirs', async () => {
        const { findings } = at.one
        await findings.add('asked-for', [found(home.system)])
        await at.other.findings.add('theirs', [found(home.otherSystem)], true)
        for (const hour of [1, 2, 3, 4]) {
          await findings.add(`hour-${hour}`, [found(home.system), found(home.system, 'auth0|other')], true)
          if (hour !== 3)
            await findings.saveResult(resultOf(home.system, `hour-${hour}`, { at: atHour(hour + 40) }), true)
        }
        await findings.saveResult(resultOf(home.system, 'asked-for', { at: atHour(90) }))
        while (!(await at.two.findings.deleteOld()).all);
        const all = ['asked-for', 'hour-1', 'hour-2', 'hour-3', 'hour-4', 'theirs']
        expect(await present(findings, all.slice(0, -1))).toEqual(['asked-for', 'hour-2', 'hour-4'])
        expect(await present(at.other.findings, all)).toContain('theirs')
        expect(await findings.loadResult('hour-1')).toMatchObject({ auditId: 'hour-1' })
      })

      it('lose them also where some of them do not say that a schedule started the audit', async () => {
        const { findings } = at.one
        await findings.add('mixed-hour', [found(home.system, 'auth0|a')])
        await findings.add('mixed-hour', [found(home.system, 'auth0|b')], true)
        while (!(await findings.deleteOld()).all);
        expect(await present(findings, ['mixed-hour'])).toEqual([])
      })

      it('lose them in batches', async () => {
        const { findings } = at.one
        const many = Array.from({ length: 12_000 }, (_, n) => found(home.system, `auth0|${n}`))
        for (let from = 0; from < many.length; from += 4_000)
          await findings.add('large', many.slice(from, from + 4_000), true)
        let batches = 1
        while (!(await findings.deleteOld()).all) batches += 1
        expect(batches).toBeGreaterThan(1)
        expect(await present(findings, ['large'])).toEqual([])
      })
    })
  })
}
