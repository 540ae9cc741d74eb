/** The work that a switch pauses: creations and repairs, or deletions. */
export type PausableWork = 'creations' | 'deletions'

export interface Pause {
  /** ISO 8601. */
  readonly since: string
  readonly by: string
  readonly reason: string | null
}

/** Durable switches that every worker of the system obeys within a second. */
export interface Switches {
  /**
   * Pauses creations and repairs, or deletions: after it returns, no worker begins another one. An
   * earlier pause stays unchanged; returns the pause in force.
   */
  pause(by: string, reason: string | null, what?: PausableWork): Promise<Pause>
  /** Ends the pause. Returns it; null when there was none. */
  resume(what?: PausableWork): Promise<Pause | null>
  pauseOf(what?: PausableWork): Promise<Pause | null>
  /**
   * Throws `paused`, or `deletions-paused`, while the switch is paused; costs at most one read a second while it is
   * not.
   */
  assertNotPaused(what?: PausableWork): Promise<void>
}
