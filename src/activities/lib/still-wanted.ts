import { asyncLocalStorage } from '@temporalio/activity'

/**
 * Throws when the activity at hand was cancelled or its time is up, so that what is slow writes nothing once another
 * attempt may be at work, or a deletion takes it as ended. Outside of an activity it never does.
 */
export function assertStillWanted(): void {
  asyncLocalStorage.getStore()?.cancellationSignal.throwIfAborted()
}

/** What has to be done all the same, whatever became of the activity at hand: as it would be outside of one. */
export function evenIfUnwanted<T>(run: () => Promise<T>): Promise<T> {
  return asyncLocalStorage.exit(run)
}
