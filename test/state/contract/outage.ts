import { describe, expect, it } from 'vitest'
import { collectAll } from '../../../src/cli/lib/collect-all.ts'
import type { State } from '../../../src/state/ports.ts'
import type { Home } from './home.ts'

/** A call of each store. */
const CALLS: Readonly<Record<string, (state: State) => Promise<unknown>>> = {
  ping: (state) => state.ping(),
  actions: ({ actions }) => actions.list({}, 1),
  alerts: ({ alerts }) => alerts.list(),
  cursors: ({ cursors }) => cursors.place('t', 'log'),
  findings: ({ findings }) => findings.counts('a'),
  'findings, row by row': ({ findings }) => collectAll(findings.iterate('a')),
  heldActions: ({ heldActions }) => heldActions.countHeld('deletions'),
  ignored: ({ ignored }) => ignored.list(),
  marks: ({ marks }) => marks.find('a', 'code', () => ['x']),
  notedEvents: ({ notedEvents }) => notedEvents.failedMail('x'),
  oldDeletions: ({ oldDeletions }) => oldDeletions.count('t'),
  plans: ({ plans }) => plans.load('p'),
  sealed: ({ sealed }) => sealed.samples(sealed.fields),
  seenEvents: ({ seenEvents }) => seenEvents.known('t', ['x']),
  switches: ({ switches }) => switches.pauseOf(),
  totals: ({ totals }) => totals.list('day', { from: new Date(0), to: new Date() }),
  workers: ({ workers }) => workers.list(),
  quarantineSummary: (state) => state.quarantineSummary(),
  stepHistory: (state) => state.stepHistory('b').load('x'),
  'stepHistory, a success': (state) =>
    state.stepHistory('b').record('x', [{ step: 'recording', outcome: 'done' }]),
  tombstones: (state) => state.tombstones((id) => id).find('x'),
}

export function outageContract(home: Home): void {
  describe('without its server', () => {
    it.each(Object.entries(CALLS))('%s fails with the problem of the database', async (_, call) => {
      await expect(call(home.openUnreachable())).rejects.toMatchObject({ problem: home.unreachable })
    })

    it('a failure that cannot be recorded now fails nothing', async () => {
      await home.openUnreachable().stepHistory('b').recordFailure('x', 'creating-account', 'pds-unreachable')
    })
  })
}
