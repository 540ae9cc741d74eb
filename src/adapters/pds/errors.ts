import { XRPCError } from '@atproto/api'
import type { ProblemName } from '../../contracts/problems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { pdsRefusal, type PdsAnswer, type PdsRefusal } from '../../domain/atproto/pds-refusal.ts'
import { limitReset } from './gate.ts'

/** A refusal that the account step handles itself: with the user code, or by looking up the holder of the address. */
export class PdsRefusedError extends OutsideError {
  readonly refusal: PdsRefusal
  constructor(refusal: PdsRefusal, cause: unknown) {
    const answer = saidBy(pdsAnswer(cause))
    super(PROBLEMS[refusal], `the PDS refuses: ${refusal} ${answer}`.trim(), { cause, detail: { answer } })
    this.name = 'PdsRefusedError'
    this.refusal = refusal
  }
}

const PROBLEMS: Record<PdsRefusal, ProblemName> = {
  'handle-unfit': 'pds-refused',
  'handle-taken': 'pds-refused',
  'email-taken': 'email-taken',
  'email-unsupported': 'email-unsupported',
  'email-missing': 'email-missing',
  'domain-unsupported': 'pds-domain-unsupported',
  'invite-refused': 'pds-invite-refused',
  'rate-limited': 'pds-rate-limited',
  'plc-unreachable': 'plc-unreachable',
  failing: 'pds-failing',
  'admin-refused': 'pds-admin-refused',
  unknown: 'pds-refused',
}

const HANDLED_BY_CALLER = new Set<PdsRefusal>([
  'handle-unfit',
  'handle-taken',
  'email-taken',
  'invite-refused',
])

/**
 * Runs one call to the PDS and classifies its error. The PDS's messages may contain an e-mail, so none is passed on.
 */
export async function callPds<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw pdsError(error)
  }
}

/**
 * Whether the PDS itself failed; it also answers like that where an account that was taken down holds the requested
 * handle or address.
 */
export function isPdsFault(error: unknown): boolean {
  return error instanceof OutsideError && error.problem === 'pds-failing'
}

/** The PDS's response, unchanged; null when there was none (no connection, or no response in time). */
export function pdsAnswer(error: unknown): PdsAnswer | null {
  if (!(error instanceof XRPCError) || error.status < 100) return null
  return { status: error.status, error: error.error, message: error.message }
}

function pdsError(error: unknown): unknown {
  if (error instanceof XRPCError && error.cause instanceof OutsideError) return error.cause // named before the call
  if (error instanceof PdsRefusedError) return error
  const answer = pdsAnswer(error)
  if (answer === null) {
    const reason = error instanceof Error ? error.name : 'no answer'
    return new OutsideError('pds-unreachable', `the PDS does not answer: ${reason}`, { cause: error })
  }
  const refusal = pdsRefusal(answer)
  if (HANDLED_BY_CALLER.has(refusal)) return new PdsRefusedError(refusal, error)
  return pdsProblem(refusal, error, answer)
}

function pdsProblem(refusal: PdsRefusal, cause: unknown, answer: PdsAnswer): OutsideError {
  const said = saidBy(answer)
  return new OutsideError(PROBLEMS[refusal], `the PDS: ${PROBLEMS[refusal]} ${said}`.trim(), {
    cause,
    detail: { answer: said },
    retryAt: refusal === 'rate-limited' ? resetOf(cause) : null,
  })
}

function saidBy(answer: PdsAnswer | null): string {
  return answer === null ? '' : `HTTP ${answer.status} ${answer.error}`
}

function resetOf(error: unknown): Date {
  return limitReset(new Headers(error instanceof XRPCError ? error.headers : undefined))
}
