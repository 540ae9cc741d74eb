import type { NamedPerson } from '../../contracts/systems.ts'
import type { InFlightWork, PersonWorkflows } from '../../client/person-workflows.ts'
import type { DeletionBegun, DeletionInput } from '../../contracts/deletion.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { Signups } from '../../client/signups.ts'
import { createBeginDeletion, type BeginDeletionDeps } from './begin.ts'
import { withFailureMapping } from '../lib/failures.ts'
import type { CountsByCollection, PersonalData } from '../../state/ports/personal-data.ts'
import type { Tombstone } from '../../state/ports/tombstones.ts'

interface Person {
  readonly identity: string
}

/** The activities of `deleteUser`. Each is safe to run twice: data that is already deleted is not found again. */
export interface DeletionActivities {
  /** Checks at the provider, and writes the tombstone before anything is deleted. */
  beginDeletion(input: DeletionInput): Promise<DeletionBegun>
  /** Terminates the person's workflows; returns which of their activities may still be in flight. */
  terminateWorkflows(person: Person): Promise<InFlightWork>
  /** Deletes the application's documents. */
  deleteApplicationData(person: Person): Promise<CountsByCollection>
  /** Deletes Holdfast's own documents, quarantined events too. */
  deleteHoldfastData(person: Person): Promise<CountsByCollection>
  /**
   * Deletes closed runs at Temporal, except those that it has to be asked for later; returns the ids of all that it
   * found. `overdue`: they should be gone by now, so it
   * fails as `temporal-refused` while one is still listed.
   */
  deleteWorkflowHistories(person: Person & { overdue?: boolean }): Promise<string[]>
  /**
   * Checks every store once more, Temporal's closed runs too. If nothing is left, the deletion is complete, and the
   * signup of a person who was created again, which waited for that, is started.
   */
  finishDeletion(
    person: Person & { erased: CountsByCollection; leftTo?: readonly string[] },
  ): Promise<DeletionCheck>
}

export interface DeletionCheck {
  readonly remaining: CountsByCollection
  /** Quarantined events that could not be matched to a person; left out where there are none. */
  readonly unjudged?: number
}

export interface DeletionDeps extends BeginDeletionDeps {
  readonly personalData: PersonalData
  readonly personWorkflows: PersonWorkflows
  readonly signups: Signups
}

export function createDeletionActivities(deps: DeletionDeps): DeletionActivities {
  const { provider, personalData, personWorkflows, tombstones, signups, switches } = deps
  const named = (identity: string): NamedPerson => provider.locate(identity)

  const countRemaining = async (person: NamedPerson): Promise<CountsByCollection> => {
    const left = await personalData.count(person)
    const closed = (await personWorkflows.list(person)).filter(({ status }) => status !== 'RUNNING').length
    return closed === 0 ? left : { ...left, temporal: closed }
  }

  return {
    beginDeletion: withFailureMapping(createBeginDeletion(deps)),
    terminateWorkflows: withFailureMapping(({ identity }) => personWorkflows.terminate(named(identity))),
    deleteApplicationData: withFailureMapping(async ({ identity }) => {
      await switches.assertNotPaused('deletions')
      return personalData.erase('application', named(identity))
    }),
    deleteHoldfastData: withFailureMapping(async ({ identity }) => {
      await switches.assertNotPaused('deletions')
      return personalData.erase('holdfast', named(identity))
    }),
    deleteWorkflowHistories: withFailureMapping(async ({ identity, overdue = false }) => {
      const found = await personWorkflows.deleteClosed(named(identity))
      if (overdue && found.length > 0) {
        const answer = `it still lists ${found.length} closed runs of this person, two minutes after their deletion began`
        throw new OutsideError('temporal-refused', answer, { detail: { answer } })
      }
      return found
    }),

    finishDeletion: withFailureMapping(async ({ identity, erased, leftTo = [] }) => {
      const tombstone = await tombstones.find(identity)
      // Finished already by an earlier attempt: the records there are now belong to the new person.
      const over = tombstone === null || tombstone.finishedAt !== null
      const person = named(identity)
      const remaining = over ? {} : await countRemaining(person)
      if (Object.keys(remaining).length > 0) return { remaining }
      const unjudged = await personalData.countUnreadable(person)
      await tombstones.finish(identity, erased, { unjudged, leftTo })
      const createdAt = await provider.createdAt(person)
      if (createdAt === null && tombstone !== null && deletedNobody(tombstone, erased))
        await tombstones.lift(identity, tombstone)
      if (createdAt !== null && tombstone !== null && createdAt > tombstone.at) {
        // Their own signup waits for this, or was terminated with the others.
        const { tenant } = person
        await signups.notify({ tenant, identity, signedUpAt: createdAt.toISOString(), hint: 'retry' })
      }
      return { remaining, ...(unjudged === 0 ? {} : { unjudged }) }
    }),
  }
}

/**
 * Whether an operator deleted an id under which neither the provider nor any store ever had a person. An event's
 * tombstone is kept: the provider had the person, and their signup may still arrive late.
 */
function deletedNobody({ by, erased: before }: Tombstone, erased: CountsByCollection): boolean {
  const byOperator = by === 'command' || by === 'force'
  return byOperator && Object.keys(before).length === 0 && Object.keys(erased).length === 0
}
