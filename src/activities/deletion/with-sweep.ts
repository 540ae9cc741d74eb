import { ApplicationFailure } from '@temporalio/common'
import { OutsideError } from '../../domain/outside-error.ts'
import type { DeletionGuardDeps } from './guard.ts'
import { outsideActivityContext } from '../lib/cancellation.ts'

/**
 * Wraps an activity that writes for a person, and afterwards checks for their tombstone. A worker that was slow or
 * suspended may have written after a deletion's last check: then the activity requests one more sweep. Data of a worker
 * that is killed between its write and this check is found by the next audit. `wrote`: whether, by its result, the
 * activity may have written anything.
 */
export function withDeletionSweep<P extends { readonly identity: string }, R>(
  { tombstones, deletions, provider }: DeletionGuardDeps,
  step: (person: P) => Promise<R>,
  wrote: (result: R) => boolean = () => true,
): (person: P) => Promise<R> {
  const look = async (identity: string): Promise<void> => {
    if ((await tombstones.find(identity)) === null) return
    await deletions.requestSweep({ tenant: provider.locate(identity).tenant, identity })
  }
  return async (person) => {
    const [done] = await Promise.allSettled([step(person)])
    if (done.status === 'fulfilled' && !wrote(done.value)) return done.value
    // The activity found the tombstone itself.
    if (done.status === 'rejected' && isDeletionUnderWay(done.reason)) throw done.reason
    const [looked] = await Promise.allSettled([outsideActivityContext(() => look(person.identity))])
    if (done.status === 'rejected') throw done.reason // its next attempt checks again
    if (looked.status === 'rejected') throw looked.reason
    return done.value
  }
}

function isDeletionUnderWay(error: unknown): boolean {
  if (error instanceof OutsideError) return error.problem === 'deletion-under-way'
  return error instanceof ApplicationFailure && error.type === 'deletion-under-way'
}
