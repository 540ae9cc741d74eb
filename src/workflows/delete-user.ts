import { continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow'
import type { AccountRemoval, DeletionBegun, DeletionInput, DeletionProof } from '../contracts/deletion.ts'
import { forced, requested, retry, sweep } from '../contracts/messages.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { IN_FLIGHT_DRAIN_MS } from '../domain/retries/in-flight.ts'
import { accountRemovalOf, deletionActivities } from './lib/lifecycle-activities.ts'
import { assertIdentity } from './lib/input.ts'
import { createStepRunner } from './lib/step-runner.ts'
import { ownSystem } from './lib/own-system.ts'
import { openProblemView } from './lib/problem-view.ts'
import { withDescription } from './lib/descriptions.ts'

/** Pause between two queries for runs that visibility shows late. */
const VISIBILITY_MS = 2_000
/**
 * Queries after which runs that are still listed count as a problem, which an operator sees and which makes the queries
 * less frequent.
 */
const LOOKS = 60
/** The longest pause between two rounds of a deletion that finds further data each time. */
const LONGEST_PAUSE_MS = 5 * 60_000

/**
 * Deletes a person from every store. The tombstone is written first, so that no late event creates them again; the
 * records needed to find other data are deleted last. Every step may be repeated: a run after a crash finds the rest.
 */
export async function deleteUser(input: DeletionInput): Promise<DeletionProof> {
  assertIdentity(input)
  const system = ownSystem(input.system)
  const { identity, limited, ...given } = input
  const erased: Record<string, number> = { ...input.carried }
  /** Counts that the tombstone does not record yet. */
  let unrecorded: Record<string, number> = { ...(input.unrecorded ?? input.carried) }
  let force = input.force ?? false
  let { deletedAt } = input
  const leftTo = new Set(input.leftTo)
  let by = input.by ?? 'event'
  /** Counts the requests for this deletion: one that comes after the check at the provider needs a new check. */
  let requests = 0
  const continueInNewRun = (): Promise<never> =>
    continueAsNew<typeof deleteUser>({
      identity,
      ...given,
      ...at(deletedAt),
      by,
      force,
      carried: erased,
      unrecorded,
      ...stays(),
      ...step.stateForNextRun(),
    })
  const step = createStepRunner(openProblemView(system, identity), continueInNewRun, {
    carried: limited === undefined ? {} : { limited },
  })
  let traces = false
  setHandler(retry, step.retry, withDescription(retry))
  setHandler(
    forced,
    () => {
      force = true
      requests += 1
      step.retry()
    },
    withDescription(forced),
  )
  setHandler(
    requested,
    (again = {}) => {
      requests += 1
      deletedAt = later(deletedAt, again.deletedAt)
      if (again.by !== 'command' || by === 'command') return
      by = 'command' // the safety limit does not apply to an operator's request
      step.retry()
    },
    withDescription(requested),
  )
  setHandler(sweep, () => void (traces = true), withDescription(sweep))
  const add = (counts: Readonly<Record<string, number>>): void => {
    for (const [store, count] of Object.entries(counts)) {
      if (count === 0) continue
      for (const sums of [erased, unrecorded]) sums[store] = (sums[store] ?? 0) + count
    }
  }
  const stays = (): Pick<DeletionInput, 'leftTo'> =>
    leftTo.size === 0 ? {} : { leftTo: [...leftTo].toSorted() }
  const workflows = workflowsOf(system)
  const removal = accountRemovalOf(workflows)
  const removeAccounts = async (
    name: 'removing-the-account' | 'looking-once-more',
  ): Promise<AccountRemoval> => {
    if (removal === null) return { removed: 0, unsettled: false }
    const found = await step.run(name, () => removal({ identity }))
    add({ [workflows.accounts?.countedAs ?? 'accounts']: found.removed })
    for (const other of found.leftTo ?? []) leftTo.add(other)
    return found
  }
  let unjudged = 0
  const proof = (outcome: DeletionProof['outcome'], tombstone: string | null): DeletionProof => ({
    outcome,
    deletedAt: tombstone,
    finishedAt: new Date().toISOString(),
    erased,
    ...(unjudged === 0 ? {} : { unjudged }),
    ...stays(),
  })

  /** Repeats as often as needed: a visibility store that lags for hours must not fill the history. */
  const again = async (ms = VISIBILITY_MS): Promise<void> => {
    await sleep(ms)
    if (workflowInfo().continueAsNewSuggested) await continueInNewRun()
  }

  const begin = async (): Promise<DeletionBegun> => {
    let asked = requests
    const ask = () => {
      asked = requests
      traces = false
      return deletionActivities.beginDeletion({ ...input, ...at(deletedAt), by, force })
    }
    let begun = await step.run('asking-the-provider', ask)
    // Requested, forced, or a late write reported while the check was in flight: it has to be made again.
    while (!begun.goOn && (asked !== requests || (begun.outcome === 'deleted' && traces)))
      begun = await step.run('asking-the-provider', ask)
    return begun
  }

  const begun = await begin()
  if (!begun.goOn) return proof(begun.outcome, begun.outcome === 'deleted' ? begun.deletedAt : null)
  const tombstoneAt = begun.deletedAt
  deletedAt = tombstoneAt

  for (let round = 1; ; round += 1) {
    traces = false
    const underWay = await step.run('stopping-workflows', () =>
      deletionActivities.terminateWorkflows({ identity }),
    )
    const first = await removeAccounts('removing-the-account')
    const wait = IN_FLIGHT_DRAIN_MS[first.unsettled ? 'account' : underWay]
    if (wait > 0) {
      // A call in flight may have created an account after that check, or be about to.
      await sleep(wait)
      await removeAccounts('removing-the-account')
    }
    add(await step.run('erasing-records', () => deletionActivities.deleteApplicationData({ identity })))

    const forgotten = new Set<string>()
    for (let looks = 1; ; looks += 1) {
      const overdue = looks > LOOKS
      const found = await step.run('forgetting-workflows', () =>
        deletionActivities.deleteWorkflowHistories({ identity, overdue }),
      )
      for (const runId of found) forgotten.add(runId)
      if (found.length === 0) break
      await again()
    }
    add({ temporal: forgotten.size })

    // The ledgers hold the intent, which finds an account that was created since the last check.
    await removeAccounts('looking-once-more')
    add(await step.run('erasing-ledgers', () => deletionActivities.deleteHoldfastData({ identity })))
    if (!traces) {
      const requestsBefore = requests
      const { remaining, ...finished } = await step.run('finishing', () =>
        deletionActivities.finishDeletion({ identity, erased: unrecorded, ...stays() }),
      )
      unjudged = finished.unjudged ?? 0
      if (Object.keys(remaining).length === 0) {
        unrecorded = {}
        // Signals that came last are checked again: from here on the tombstone allows a new person with this identity.
        const nothingNew = !traces && requests === requestsBefore
        if (nothingNew || !(await begin()).goOn) return proof('deleted', tombstoneAt)
      }
    }
    await again(Math.min(VISIBILITY_MS * 2 ** Math.min(round - 1, 10), LONGEST_PAUSE_MS))
  }
}

function at(deletedAt: string | undefined): Pick<DeletionInput, 'deletedAt'> {
  return deletedAt === undefined ? {} : { deletedAt }
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Date.parse(other) > Date.parse(one) ? other : one
}
