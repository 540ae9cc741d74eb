/**
 * Called before each write of an operation that makes several. Throws once the step is cancelled: it exceeded its
 * time-out, or its workflow was terminated. A write that is not begun cannot follow a deletion's last check.
 */
export type CancellationCheck = () => void

/** For callers that are never cancelled: commands, checks, tests. */
export const neverCancelled: CancellationCheck = () => {}
