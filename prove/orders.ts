/** What the worker under proof asks before each call to its outside world … */
export interface Question {
  /** Of the workflow whose step makes the call; null outside of a step. */
  readonly workflowId: string | null
  readonly call: string
}

/** … and what it is told to let happen. */
export interface Order {
  readonly die?: 'before' | 'after'
  /** The call happens and its answer is lost; or it never gets there; or somebody answers in its place. */
  readonly answer?: 'lost' | 'none' | 429 | 500
}
