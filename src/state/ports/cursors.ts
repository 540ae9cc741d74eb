/** A period whose events were deleted before they were read. */
export interface LogGap {
  /** ISO 8601. */
  readonly from: string
  readonly to: string
  readonly noticedAt: string
}

/** How far the events of a tenant have been read. */
export interface Cursor {
  /** The date of the newest event read. */
  readonly lastEventAt: Date | null
  readonly readAt: Date | null
  /** The time at which the end of the events was last reached: everything before that has been read. */
  readonly caughtUpAt: Date | null
  readonly gap: LogGap | null
}

/** `from` is the place where the reader began: null before the first page. */
export interface CursorStep {
  readonly from: string | null
  readonly to: string | null
  /** Of a source of events: the date of the newest one of the page; null where it had none. */
  readonly lastEventAt?: Date | null
  /** The end of the events was reached. */
  readonly caughtUp?: boolean
}

/** How far each source of a system has been read. A place in a source is a text that only the system understands. */
export interface Cursors {
  /**
   * The time since which Holdfast serves the tenant: that of the first call for it, by any process. Events from before
   * that time are older than this installation.
   */
  servedSince(tenant: string): Promise<Date>
  load(tenant: string): Promise<Cursor>
  /** The place up to which a source has been read; null before the first page. */
  place(tenant: string, source: string): Promise<string | null>
  /**
   * Advances a source from the place where the reader began, and only from there: a page read a second time, or by two
   * readers in parallel, changes nothing, so the place never goes back. False when another reader has moved it.
   */
  advance(tenant: string, source: string, step: CursorStep): Promise<boolean>
  /** Records a period that can no longer be read; a known gap is extended. */
  recordGap(tenant: string, gap: { from: Date; to: Date }): Promise<void>
  /** Called after an audit of everybody: false when there was no gap, or one that extends beyond `upTo`. */
  closeGap(tenant: string, upTo?: Date): Promise<boolean>
}
