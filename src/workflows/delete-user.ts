import { ApplicationFailure, continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import type { DeletionBegun } from '../activities/deletion.ts'
import type { DeletionInput, DeletionProof } from '../contracts/deletion.ts'
import { forced, retry, sweep } from '../contracts/messages.ts'
import { UNDER_WAY_MS } from '../domain/under-way.ts'
import { accountsOnPds, deletion } from './lib/lifecycle-activities.ts'
import { createStepper } from './lib/step.ts'
import { openTroubles } from './lib/troubles.ts'

/** Between two looks for runs that visibility shows late. */
const VISIBILITY_MS = 2_000

/**
 * Takes a person out of every store. The tombstone comes first, so that nothing late brings them back; what is needed
 * to find something is taken away after it. Every step may be run again: whoever goes on after a crash finds the rest.
 */
export async function deleteUser(input: DeletionInput): Promise<DeletionProof> {
  const { identity } = input
  if (typeof identity !== 'string' || identity === '') {
    throw ApplicationFailure.nonRetryable('the input needs an identity: {"identity":"auth0|…"}', 'bad-input')
  }
  const erased: Record<string, number> = { ...input.carried }
  /** What the tombstone does not say yet. */
  let untold: Record<string, number> = { ...(input.untold ?? input.carried) }
  let force = input.force ?? false
  const goOnAsNew = (): Promise<never> =>
    continueAsNew<typeof deleteUser>({ ...input, force, carried: erased, untold })
  const step = createStepper(openTroubles('atproto', identity), goOnAsNew)
  let traces = false
  setHandler(retry, step.retry)
  setHandler(forced, () => {
    force = true
    step.retry()
  })
  setHandler(sweep, () => void (traces = true))
  const add = (counts: Readonly<Record<string, number>>): void => {
    for (const [store, count] of Object.entries(counts)) {
      if (count === 0) continue
      for (const sums of [erased, untold]) sums[store] = (sums[store] ?? 0) + count
    }
  }
  const proof = (outcome: DeletionProof['outcome'], deletedAt: string | null): DeletionProof => ({
    outcome,
    deletedAt,
    finishedAt: new Date().toISOString(),
    erased,
  })

  /** However often it takes: a visibility store that lags for hours must not fill up a history. */
  const again = async (): Promise<void> => {
    await sleep(VISIBILITY_MS)
    if (workflowInfo().continueAsNewSuggested) await goOnAsNew()
  }

  const begin = async (deletedAt = input.deletedAt): Promise<DeletionBegun> => {
    let asked = force
    const ask = () => {
      asked = force
      return deletion.beginDeletion({ ...input, ...(deletedAt === undefined ? {} : { deletedAt }), force })
    }
    let begun = await step.run('asking-the-provider', ask)
    // Forced while the question was under way: it has to be asked once more.
    while (!begun.goOn && asked !== force) begun = await step.run('asking-the-provider', ask)
    return begun
  }

  const begun = await begin()
  if (!begun.goOn) return proof(begun.outcome, null)
  const { deletedAt } = begun

  for (;;) {
    traces = false
    const underWay = await step.run('stopping-workflows', () => deletion.stopWorkflows({ identity }))
    const first = await step.run('removing-the-account', () => accountsOnPds.removeAccounts({ identity }))
    add({ pds: first.removed })
    const wait = UNDER_WAY_MS[first.unsettled ? 'account' : underWay]
    if (wait > 0) {
      // A call that was on its way may have made an account after that look, or be about to.
      await sleep(wait)
      const second = await step.run('removing-the-account', () => accountsOnPds.removeAccounts({ identity }))
      add({ pds: second.removed })
    }
    add(await step.run('erasing-records', () => deletion.eraseRecords({ identity })))

    const forgotten = new Set<string>()
    for (;;) {
      const found = await step.run('forgetting-workflows', () => deletion.forgetWorkflows({ identity }))
      for (const runId of found) forgotten.add(runId)
      if (found.length === 0) break
      await again()
    }
    add({ temporal: forgotten.size })

    // The intent is among the ledgers, and finds an account that was made since the last look.
    const last = await step.run('looking-once-more', () => accountsOnPds.removeAccounts({ identity }))
    add({ pds: last.removed })
    add(await step.run('erasing-ledgers', () => deletion.eraseLedgers({ identity })))
    if (!traces) {
      const { left } = await step.run('finishing', () =>
        deletion.finishDeletion({ identity, erased: untold }),
      )
      if (Object.keys(left).length === 0) {
        untold = {}
        // What came in the last moment is judged anew: the tombstone yields to somebody new from here on.
        if (!traces || !(await begin(deletedAt)).goOn) return proof('deleted', deletedAt)
      }
    }
    await again()
  }
}
