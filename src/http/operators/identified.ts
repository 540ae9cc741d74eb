import type { OperatorRole } from '../../domain/operators.ts'

/** The parts of a request that identify its caller. */
export interface IdentifiableRequest {
  /** The value of a header, by its name in lower case. */
  header(name: string): string | undefined
  /** The address of the connection's other end; null where there is none, as in a test without a network. */
  readonly peer: string | null
}

export interface IdentifiedOperator {
  readonly name: string
  readonly role: OperatorRole
}

/** Null for a request that identifies no operator. */
export type Identify = (
  request: IdentifiableRequest,
) => IdentifiedOperator | null | Promise<IdentifiedOperator | null>
