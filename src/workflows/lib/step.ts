import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow'
import type { FailureDetail } from '../../activities/failures.ts'
import { PROBLEMS, type ProblemName } from '../../contracts/problems.ts'
import type { ProblemDetail } from '../../domain/outside-error.ts'
import { endsSignup } from '../../domain/problems.ts'
import { retryDelay } from '../../domain/retry-delay.ts'

/** The problem is published; no waiting will change the answer. */
export class Refused extends Error {}

/** Where a step's problem is shown. */
export interface StepView<Stage extends string> {
  readonly attempts: () => number
  enter(stage: Stage): void
  solved(step: string): void
  stuck(step: string, name: ProblemName, detail: ProblemDetail, retryInMs: number | null): void
  /** A turn this step waits for: a notice, since nothing is wrong. */
  waits(step: string, name: ProblemName, ms: number): void
}

export interface Stepper<Stage extends string> {
  /**
   * Runs a step until it succeeds: when its quick tries are used up, its problem is published and the next round
   * begins by `retry` or by a growing timer. Throws `Refused` for an answer that is final. Of several stages that one
   * step passes, the failure says at which it stands. `name` tells steps of one stage apart: that one of them succeeds
   * does not solve the other's problem.
   */
  run<T>(stage: Stage | readonly [Stage, ...Stage[]], step: () => Promise<T>, name?: string): Promise<T>
  retry(): void
}

export interface Trouble {
  readonly problem: ProblemName
  readonly detail: FailureDetail['detail']
  readonly retryAt: string | null
  /** The step that failed, where the activity makes several. */
  readonly step: string | null
}

/** A wait for a turn that lasts longer is told to who asks. */
const WORTH_SAYING_MS = 60_000

/** `rests` is told of each problem once it is published. */
export function createStepper<Stage extends string>(
  view: StepView<Stage>,
  continueAsNew: () => Promise<never>,
  rests: () => Promise<void> = () => Promise.resolve(),
): Stepper<Stage> {
  let retryAsked = false

  const pause = async (ms: number): Promise<void> => {
    await condition(() => retryAsked, ms)
    retryAsked = false // only here: a retry that came while an attempt ran still counts
    if (workflowInfo().continueAsNewSuggested) await continueAsNew()
  }

  return {
    retry: () => void (retryAsked = true),
    async run(stage, step, given) {
      const stages: readonly [Stage, ...Stage[]] = typeof stage === 'string' ? [stage] : stage
      const [first] = stages
      const name = given ?? first
      view.enter(first)
      for (;;) {
        try {
          const result = await step()
          view.solved(name)
          return result
        } catch (error) {
          const trouble = troubleOf(error)
          view.enter(stages.find((one) => one === trouble.step) ?? first)
          if (trouble.retryAt !== null) {
            // A rate limit is a turn to wait for, not a problem.
            const wait = spread(Date.parse(trouble.retryAt) - Date.now())
            if (wait > WORTH_SAYING_MS) view.waits(name, trouble.problem, wait)
            await pause(wait)
            continue
          }
          const ends = endsSignup(trouble.problem)
          const delay = retryDelay(view.attempts() + 1, Math.random())
          view.stuck(name, trouble.problem, trouble.detail, ends ? null : delay)
          if (ends) throw new Refused()
          await rests()
          await pause(delay)
        }
      }
    },
  }
}

/** Up to a second and a tenth more than asked, so that those who wait for one reset do not all return at it. */
export function spread(ms: number): number {
  return Math.round(Math.max(ms, 1_000) * (1 + Math.random() / 10) + Math.random() * 1_000)
}

/** Names what an activity failed of. What is not an activity's failure is a fault of ours and goes up. */
export function troubleOf(error: unknown): Trouble {
  if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error
  // A local activity's own failure comes bare.
  const cause = error instanceof ActivityFailure ? error.cause : error
  const type = cause instanceof ApplicationFailure ? cause.type : undefined
  const problem = PROBLEMS.find((name) => name === type)
  if (error instanceof ActivityFailure && cause instanceof TimeoutFailure)
    return { problem: 'step-slow', detail: { step: error.activityType }, retryAt: null, step: null }
  const [carried] = (cause instanceof ApplicationFailure ? (cause.details ?? []) : []) as [FailureDetail?]
  const step = carried?.step ?? null
  if (problem === undefined) {
    return {
      problem: 'unexpected',
      detail: { answer: type ?? cause?.name ?? error.name },
      retryAt: null,
      step,
    }
  }
  return { problem, detail: carried?.detail ?? {}, retryAt: carried?.retryAt ?? null, step }
}
