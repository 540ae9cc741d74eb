import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client'

/** Status codes of gRPC. */
export const GRPC = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** Temporal's answer to a failed call: gRPC's status code and message. */
export interface GrpcAnswer {
  readonly code: number
  readonly details: string
}

/** Null for an error that is no answer of Temporal. The SDK wraps some answers in an error of its own. */
export function grpcAnswer(error: unknown): GrpcAnswer | null {
  const answer = unwrapped(error)
  return isGrpcServiceError(answer) ? answer : null
}

export function hasGrpcCode(error: unknown, ...codes: readonly number[]): boolean {
  const answer = grpcAnswer(error)
  return answer !== null && codes.includes(answer.code)
}

/** Whether Temporal does not answer: it is unreachable, or too slow. */
export function isTemporalUnavailable(error: unknown): boolean {
  return hasGrpcCode(error, GRPC.deadlineExceeded, GRPC.unavailable)
}

/**
 * The message where a namespace does not exist, for which the SDK has an error of its own; null for every other error.
 */
export function missingNamespace(error: unknown): string | null {
  const answer = unwrapped(error)
  return answer instanceof NamespaceNotFoundError ? answer.message : null
}

const unwrapped = (error: unknown): unknown => (error instanceof ServiceError ? error.cause : error)
