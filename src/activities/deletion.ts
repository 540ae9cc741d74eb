import type { CountsByStore, NamedPerson } from '../adapters/mongo/person-stores.ts'
import type { StillUnderWay } from '../client/executions.ts'
import type { DeletionInput, DeletionOutcome } from '../contracts/deletion.ts'
import type { AtprotoDeps } from './atproto-deps.ts'
import { createAccountRemoval } from './deletion-account.ts'
import { createDeletionBegin } from './deletion-begin.ts'
import { naming } from './failures.ts'

interface Person {
  readonly identity: string
}

/** A deletion that goes on has its tombstone; one that does not changed nothing. */
export type DeletionBegun =
  | { readonly goOn: true; readonly deletedAt: string }
  | { readonly goOn: false; readonly outcome: Exclude<DeletionOutcome, 'deleted'> }

/** The steps of a `deleteUser`, each safe to run twice: what is gone already is not found again. */
export interface DeletionActivities {
  /** Asks the provider, and sets the tombstone before anything is taken away. */
  beginDeletion(input: DeletionInput): Promise<DeletionBegun>
  /** Ends the person's workflows; says what their steps may still be at. */
  stopWorkflows(person: Person): Promise<StillUnderWay>
  /** The application's documents. */
  eraseRecords(person: Person): Promise<CountsByStore>
  /** Our own documents, quarantined entries too. */
  eraseLedgers(person: Person): Promise<CountsByStore>
  /** Deletes closed runs at Temporal; returns the ids of those it found. */
  forgetWorkflows(person: Person): Promise<string[]>
  /**
   * Looks at every store once more, Temporal's closed runs too. Where nothing is left, the deletion is over, and a
   * person created anew, who waited for that, begins.
   */
  finishDeletion(person: Person & { erased: CountsByStore }): Promise<{ left: CountsByStore }>
}

export interface AccountRemoval {
  readonly removed: number
  /** A creation was tried, and its answer may not have come: look again later. */
  readonly unsettled: boolean
}

export interface PdsDeletionActivities {
  /** Removes every account that is provably the person's, and looks whether it is gone. */
  removeAccounts(person: Person): Promise<AccountRemoval>
}

export function createDeletionActivities(deps: AtprotoDeps): DeletionActivities {
  const { tenantOf, personStores, executions, tombstones, signups } = deps
  const named = (identity: string): NamedPerson => {
    const { name, userId } = tenantOf(identity)
    return { tenant: name, identity, userId }
  }

  const whatIsLeft = async (person: NamedPerson): Promise<CountsByStore> => {
    const left = await personStores.count(person)
    const closed = (await executions.list(person)).filter(({ status }) => status !== 'RUNNING').length
    return closed === 0 ? left : { ...left, temporal: closed }
  }

  return {
    beginDeletion: naming(createDeletionBegin(deps)),
    stopWorkflows: naming(({ identity }) => executions.stop(named(identity))),
    eraseRecords: naming(({ identity }) => personStores.erase('application', named(identity))),
    eraseLedgers: naming(({ identity }) => personStores.erase('holdfast', named(identity))),
    forgetWorkflows: naming(({ identity }) => executions.forget(named(identity))),

    finishDeletion: naming(async ({ identity, erased }) => {
      const { name: tenant, userId, auth0 } = tenantOf(identity)
      const tombstone = await tombstones.find(identity)
      // Over already, by an earlier try of this step: what there is now is the new person's.
      const over = tombstone === null || tombstone.finishedAt !== null
      const left = over ? {} : await whatIsLeft(named(identity))
      if (Object.keys(left).length > 0) return { left }
      await tombstones.finish(identity, erased)
      const person = await auth0.person(userId)
      if (person !== null && tombstone !== null && person.createdAt > tombstone.at) {
        // Their own signup waits for this, or was stopped with the rest.
        await signups.tell({ tenant, identity, signedUpAt: person.createdAt.toISOString(), hint: 'retry' })
      }
      return { left }
    }),
  }
}

export function createPdsDeletionActivities(deps: AtprotoDeps): PdsDeletionActivities {
  return { removeAccounts: naming(createAccountRemoval(deps)) }
}
