/** The query of the worker under proof before each call to its outside world … */
export interface FaultQuery {
  /** The id of the workflow whose step makes the call; null outside a step. */
  readonly workflowId: string | null
  readonly call: string
}

/** … and the director's instruction. */
export interface FaultInstruction {
  readonly die?: 'before' | 'after'
  /** From this call on, each call to MongoDB in the same attempt is delayed by seconds. */
  readonly slow?: true
  /**
   * `lost`: the call succeeds and its answer is lost; `none`: the request is not sent; a status: another program
   * answers.
   */
  readonly answer?: 'lost' | 'none' | 429 | 500
}
