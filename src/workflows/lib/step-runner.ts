import { condition, workflowInfo } from '@temporalio/workflow'
import type { LimitedStep, ProblemName } from '../../contracts/problems.ts'
import type { ProblemDetail } from '../../domain/outside-error.ts'
import { endsSignup } from '../../domain/problems.ts'
import { createRetryRounds, type RetryRounds } from '../../domain/retries/retry-rounds.ts'
import { nameFailure } from './named-failure.ts'

/** Thrown once a final problem is published: no retry would change the answer. */
export class StepRefused extends Error {}

/** One problem of a step, as it is published. */
export interface StepProblem {
  readonly name: ProblemName
  readonly detail: ProblemDetail
  /** When the step began to fail, ISO 8601. */
  readonly since: string
  /** Null when only an operator can resolve it. */
  readonly retryInMs: number | null
  /** Whether a round of attempts is used up. */
  readonly counts: boolean
}

/** The view that shows a step's problem. */
export interface StepView<Stage extends string> {
  readonly attempts: () => number
  enter(stage: Stage): void
  unblocked(step: string): void
  blocked(step: string, problem: StepProblem): void
  /** A planned wait, such as the reset of a rate limit: a notice, since nothing is wrong. */
  waiting(step: string, name: ProblemName, ms: number): void
}

/** State of the steps that a run hands on when it continues as new. */
export interface StepCarry {
  readonly limited?: LimitedStep
}

export interface StepRunner<Stage extends string> {
  /**
   * Runs a step until it succeeds. It gets three quick attempts, spaced by timers, so that a wait holds no worker's
   * slot; when they are used up, its problem is published and the next round starts with `retry` or after a growing
   * back-off. Throws `StepRefused` for a final answer. A failure of a step that passes several stages names the current
   * one. `name` distinguishes the steps of one stage: one that succeeds does not solve another's problem.
   */
  run<T>(stage: Stage | readonly [Stage, ...Stage[]], step: () => Promise<T>, name?: string): Promise<T>
  retry(): void
  stateForNextRun(): StepCarry
}

/** `onIdle` runs after each problem is published. */
export function createStepRunner<Stage extends string>(
  view: StepView<Stage>,
  continueAsNew: () => Promise<never>,
  {
    onIdle = () => Promise.resolve(),
    carried = {},
  }: { onIdle?: () => Promise<void>; carried?: StepCarry | undefined } = {},
): StepRunner<Stage> {
  let retryRequested = false
  let { limited } = carried
  let running: { readonly step: string; readonly rounds: RetryRounds } | null = null

  const pause = async (ms: number, rounds: RetryRounds): Promise<void> => {
    await condition(() => retryRequested, ms)
    if (retryRequested) rounds.restart()
    retryRequested = false // only here: a retry that came while an attempt ran still counts
    if (workflowInfo().continueAsNewSuggested) await continueAsNew()
  }

  return {
    retry: () => void (retryRequested = true),
    stateForNextRun() {
      const since = running?.rounds.limitedSince() ?? null
      if (running !== null && since !== null) return { limited: { step: running.step, since } }
      return limited === undefined ? {} : { limited } // of a step that this run has not reached yet
    },
    async run(stage, step, given) {
      const stages: readonly [Stage, ...Stage[]] = typeof stage === 'string' ? [stage] : stage
      const [first] = stages
      const name = given ?? first
      const rounds = createRetryRounds(limited?.step === name ? limited.since : null)
      if (limited?.step === name) limited = undefined
      running = { step: name, rounds }
      view.enter(first)
      for (;;) {
        try {
          const result = await step()
          view.unblocked(name)
          running = null
          return result
        } catch (error) {
          const failure = nameFailure(error)
          view.enter(stages.find((one) => one === failure.step) ?? first)
          const next = rounds.next(failure, view.attempts(), Date.now(), Math.random())
          const { problem, detail, since, usesRound, waitMs } = next
          const ends = endsSignup(problem)
          if (next.shownAs === 'turn') view.waiting(name, problem, waitMs)
          if (next.shownAs === 'problem') {
            view.blocked(name, {
              name: problem,
              detail,
              since,
              counts: usesRound,
              retryInMs: ends ? null : waitMs,
            })
            if (ends) throw new StepRefused()
            await onIdle()
          }
          if (next.shownAs === 'quick') await condition(() => retryRequested, waitMs)
          else await pause(waitMs, rounds)
        }
      }
    },
  }
}
