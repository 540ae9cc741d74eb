import { describe, expect, it } from 'vitest'
import type { SignupStep } from '../../../src/contracts/history.ts'
import { SECOND_MS, useProcesses, type Home } from './home.ts'
import { ODD_IDS } from './odd-texts.ts'

export function historyContract(home: Home): void {
  describe('the history of steps', () => {
    const at = useProcesses(home)
    const writers = () => [at.one.stepHistory('0.1.0+abc'), at.two.stepHistory('0.1.0+abc')] as const
    const load = async (identity: string) => {
      await at.database.written()
      return writers()[1].load(identity)
    }
    const lines = async (identity: string): Promise<string[]> =>
      (await load(identity)).map(
        ({ step, outcome, problem, times }) => `${step} ${outcome} ${problem ?? '-'} ${times}`,
      )

    it('has the lines of a person in their order, with the build and the time', async () => {
      const [history] = writers()
      await history.record('auth0|order', [
        { step: 'recording', outcome: 'done' },
        { step: 'creating-code', outcome: 'done', quiet: true },
        { step: 'creating-user', outcome: 'done' },
      ])
      await history.recordFailure('auth0|order', 'creating-account', 'pds-unreachable')
      await history.record('auth0|order', [{ step: 'creating-account', outcome: 'done' }])
      expect(await lines('auth0|order')).toEqual([
        'recording done - 1',
        'creating-user done - 1',
        'creating-account problem pds-unreachable 1',
        'creating-account done - 1',
      ])
      const [first] = await load('auth0|order')
      expect(first).toMatchObject({ build: '0.1.0+abc', last: first?.at })
      expect(Math.abs(Date.now() - Date.parse(first?.at ?? ''))).toBeLessThan(60 * SECOND_MS)
      expect(await lines('auth0|nobody')).toEqual([])
    })

    it('counts a line that repeats the last of its step, also with lines of other steps between', async () => {
      const [history] = writers()
      const person = 'auth0|repeats'
      await history.recordFailure(person, 'creating-account', 'pds-unreachable')
      const [before] = await load(person)
      await at.database.age(SECOND_MS)
      await history.recordFailure(person, 'creating-user', 'unexpected')
      await history.recordFailure(person, 'creating-account', 'pds-unreachable')
      await history.recordFailure(person, 'creating-account', 'pds-failing')
      await history.recordFailure(person, 'creating-account', 'pds-unreachable')
      expect(await lines(person)).toEqual([
        'creating-account problem pds-unreachable 2',
        'creating-user problem unexpected 1',
        'creating-account problem pds-failing 1',
        'creating-account problem pds-unreachable 1',
      ])
      const [line] = await load(person)
      expect(Date.parse(line?.at ?? '')).toBe(Date.parse(before?.at ?? '') - SECOND_MS)
      expect(Date.parse(line?.last ?? '')).toBeGreaterThan(Date.parse(line?.at ?? ''))
    })

    it('adds no second line for a step that was done before', async () => {
      const [history, other] = writers()
      for (const writer of [history, other, history])
        await writer.record('auth0|done', [{ step: 'recording', outcome: 'done' }])
      expect(await lines('auth0|done')).toEqual(['recording done - 1'])
      await history.recordFailure('auth0|done', 'recording', 'unexpected')
      await other.record('auth0|done', [{ step: 'recording', outcome: 'done' }])
      expect(await lines('auth0|done')).toHaveLength(3)
    })

    it('records a quiet line only where the step has one', async () => {
      const [history] = writers()
      const quiet = [{ step: 'creating-code', outcome: 'done', quiet: true }] as const
      await history.record('auth0|quiet', quiet)
      expect(await lines('auth0|quiet')).toEqual([])
      await history.recordFailure('auth0|quiet', 'creating-code', 'unexpected')
      await history.record('auth0|quiet', quiet)
      expect(await lines('auth0|quiet')).toEqual([
        'creating-code problem unexpected 1',
        'creating-code done - 1',
      ])
    })

    it('loses nothing where two processes write for one person at once', async () => {
      const [history, other] = writers()
      for (let round = 0; round < 5; round += 1) {
        const person = `auth0|race-${round}`
        await Promise.all([
          ...Array.from({ length: 5 }, () =>
            history.recordFailure(person, 'creating-account', 'pds-unreachable'),
          ),
          ...Array.from({ length: 5 }, () =>
            other.recordFailure(person, 'creating-account', 'pds-unreachable'),
          ),
          history.record(person, [{ step: 'recording', outcome: 'done' }]),
          other.record(person, [{ step: 'recording', outcome: 'done' }]),
          other.record(person, [{ step: 'creating-user', outcome: 'done' }]),
        ])
        expect(new Set(await lines(person))).toEqual(
          new Set([
            'creating-account problem pds-unreachable 10',
            'recording done - 1',
            'creating-user done - 1',
          ]),
        )
        expect(await lines(person)).toHaveLength(3)
      }
    })

    it('says whether a failure is a new line, to one of two processes that record it at once', async () => {
      const [history, other] = writers()
      for (let round = 0; round < 5; round += 1) {
        const person = `auth0|new-${round}`
        const fail = (writer: typeof history) =>
          writer.recordFailure(person, 'creating-account', 'pds-failing')
        const both = await Promise.all([fail(history), fail(other)])
        expect(both.filter((isNew) => isNew)).toHaveLength(1)
        expect(await fail(other)).toBe(false)
        expect(await history.recordFailure(person, 'creating-account', 'unexpected')).toBe(true)
        expect(await fail(other)).toBe(true)
        await history.record(person, [{ step: 'creating-account', outcome: 'done' }])
        expect(await fail(history)).toBe(true)
      }
    })

    it('keeps a line in memory while its database does not answer, and writes it with the next', async () => {
      const [history] = writers()
      const fail = () => history.recordFailure('auth0|later', 'recording', home.unreachable)
      expect([await fail(), await fail()]).toEqual([true, false])
      expect(await lines('auth0|later')).toEqual([])
      await history.record('auth0|later', [{ step: 'recording', outcome: 'done' }])
      expect(await lines('auth0|later')).toEqual([
        `recording problem ${home.unreachable} 1`,
        'recording done - 1',
      ])
    })

    it('keeps the newest of very many', async () => {
      const [history] = writers()
      for (let times = 0; times < 35; times += 1) {
        await history.recordFailure('auth0|many', 'creating-account', 'pds-failing')
        await history.record('auth0|many', [{ step: 'creating-account', outcome: 'done' }])
      }
      const all = await lines('auth0|many')
      expect(all).toHaveLength(60)
      expect(all.at(-1)).toBe('creating-account done - 1')
    })

    it('keeps people and systems apart, whatever their ids are', async () => {
      const [history] = writers()
      for (const [index, identity] of ODD_IDS.entries()) {
        const step: SignupStep = index % 2 === 0 ? 'recording' : 'creating-user'
        await history.record(identity, [{ step, outcome: 'done' }])
      }
      for (const [index, identity] of ODD_IDS.entries())
        expect(await lines(identity)).toEqual([`${index % 2 === 0 ? 'recording' : 'creating-user'} done - 1`])
      const theirs = at.other.stepHistory('0.9.0')
      expect(await theirs.load('a')).toEqual([])
      await theirs.record('a', [{ step: 'creating-account', outcome: 'done' }])
      expect(await lines('a')).toEqual(['recording done - 1'])
      await at.database.written()
      expect(await theirs.lastSuccesses()).toMatchObject([{ step: 'creating-account', build: '0.9.0' }])
    })

    it('knows when each step last succeeded, for anybody, and under which build', async () => {
      await at.two.stepHistory('0.2.0+def').record('auth0|last', [{ step: 'creating-user', outcome: 'done' }])
      await at.database.written()
      const found = await at.one.stepHistory('x').lastSuccesses()
      const last = found.find(({ step }) => step === 'creating-user')
      expect(last).toMatchObject({ build: '0.2.0+def' })
      expect(Math.abs(Date.now() - Date.parse(last?.at ?? ''))).toBeLessThan(60 * SECOND_MS)
      expect(new Set(found.map(({ step }) => step)).size).toBe(found.length)
    })
  })
}
