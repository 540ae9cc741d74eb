import { isTemporalUnavailable } from '../../client/grpc-errors.ts'
import { NoWorkerError } from '../../client/runs.ts'
import { REFUSALS, type RefusalName, type RefusalWord } from '../../contracts/shared/refusals.ts'
import type { System } from '../../contracts/systems.ts'
import { alertText } from '../../domain/alerts.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { problemText } from '../../domain/problems.ts'
import { problemPage } from '../../domain/text/problem-page.ts'

/** A request that is not carried out. `detail` is about this request, and contains nothing personal. */
export class Refused extends Error {
  readonly refusal: RefusalName
  readonly detail: string | null
  constructor(refusal: RefusalName, detail: string | null = null, options?: ErrorOptions) {
    super(detail ?? REFUSALS[refusal].sentence, options)
    this.name = 'Refused'
    this.refusal = refusal
    this.detail = detail
  }
}

/** A document of RFC 9457; its type is the address of the entry in problems.md. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly fix: string
}

export function refusalDocument({ refusal, detail }: Refused, docsUrl: string): ProblemDocument {
  const { status, sentence: title, fix }: RefusalWord = REFUSALS[refusal]
  return { type: problemPage(refusal, docsUrl), title, status, ...(detail === null ? {} : { detail }), fix }
}

/** A dependency that does not answer, by the same name and words as the problem of a signup; else an unexpected one. */
export function failureDocument(error: unknown, system: System, docsUrl: string): ProblemDocument {
  if (isTemporalUnavailable(error)) {
    const { sentence: title, fix } = alertText({ name: 'temporal-unreachable', count: 0, since: '' }, system)
    return { type: problemPage('temporal-unreachable', docsUrl), title, status: 503, fix }
  }
  const [problem, detail, status] =
    error instanceof OutsideError
      ? ([error.problem, error.detail, error.problem === 'observing' ? 409 : 503] as const)
      : error instanceof NoWorkerError
        ? (['no-worker', {}, 503] as const)
        : (['unexpected', {}, 500] as const)
  const { sentence: title, fix } = problemText(problem, { system, identity: '<id>', detail })
  return { type: problemPage(problem, docsUrl), title, status, fix }
}
