import { asyncLocalStorage } from '@temporalio/activity'

/**
 * Throws when the current activity was cancelled or has timed out, so that a slow one writes nothing once another
 * attempt may be running, or a deletion takes it as ended. Outside of an activity it never throws.
 */
export function throwIfCancelled(): void {
  asyncLocalStorage.getStore()?.cancellationSignal.throwIfAborted()
}

/** Runs what has to be done even if the current activity was cancelled, as if outside of an activity. */
export function outsideActivityContext<T>(run: () => Promise<T>): Promise<T> {
  return asyncLocalStorage.exit(run)
}
