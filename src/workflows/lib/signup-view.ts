import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import type { SearchAttributeUpdatePair } from '@temporalio/common'
import { displayIdentity } from '../../contracts/ids.ts'
import type { Problem, ProblemName } from '../../contracts/problems.ts'
import * as attributes from '../../contracts/search-attributes.ts'
import type { SignupCarry, SignupInput, SignupStatus, PendingWait } from '../../contracts/signup.ts'
import type { Stage } from '../../contracts/stages.ts'
import type { System } from '../../contracts/systems.ts'
import { problemText } from '../../domain/problems.ts'
import { signupDetails } from './signup-details.ts'
import type { StepProblem } from './step-runner.ts'

/**
 * The visible state of a signup. One `publish` sets the status query, the search attributes and the current details, so
 * they never disagree. An upsert costs an event: stages that pass within one workflow task are not published, while
 * every wait for another system is.
 */
export interface SignupView {
  readonly status: () => SignupStatus
  /** The view's part of what a run that continues as new hands on. */
  readonly stateForNextRun: () => Pick<
    SignupCarry,
    'stage' | 'stageSince' | 'problem' | 'blockedStep' | 'code'
  >
  /** Failed rounds of attempts so far. */
  readonly attempts: () => number
  /** Sets the current stage; it is published only if its step keeps the signup waiting. */
  enter(stage: Stage): void
  /** Sets the current stage, and publishes it at once. */
  show(stage: Stage): void
  /** Sets a stage that waits without running a step; clears a problem that a previous run left for one of its steps. */
  showIdle(stage: Stage): void
  blocked(step: string, problem: StepProblem): void
  /** A planned wait, such as the reset of a rate limit: a notice, since nothing is wrong. */
  waiting(step: string, name: ProblemName, ms: number): void
  /** Clears the problem and the wait, if they belong to this step. */
  unblocked(step: string): void
  /** `notices`: the system's own, which replace earlier ones and stay. Published with the next state. */
  setFacts(facts: { tenant?: string; code?: string; notices?: readonly string[] }): void
  /** Publishes the last state, which is the workflow's result too. */
  end(stage: Stage, account?: { did: string; handle: string }): SignupStatus
}

export function openSignupView(system: System, input: SignupInput): SignupView {
  const { tenant, carried } = input
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo()
  const identity = displayIdentity(input.identity, workflowId) // everything in a view is unencrypted
  const sent = new Map(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, plain(value)]))
  let now: SignupStatus = {
    system,
    tenant: tenant ?? typedSearchAttributes.get(attributes.SignupTenant) ?? '-',
    identity,
    workflowId,
    stage: carried?.stage ?? 'recording',
    stageSince: carried?.stageSince ?? startTime.toISOString(),
    problem: carried?.problem ?? null,
    code: carried?.code ?? null,
    handle: null,
    did: null,
    notices: [],
  }
  let published = now
  let blockedStep = carried?.blockedStep ?? null
  let lasting: readonly string[] = []
  let pendingWait: ({ readonly step: string } & PendingWait) | null = null

  const time = (): string => new Date().toISOString()
  // A run that continues another passes again through the stages before the one that was reached.
  let left = carried
  const enter = (stage: Stage): void => {
    const stageSince = stage === left?.stage ? left.stageSince : time()
    if (stage !== now.stage) now = { ...now, stage, stageSince }
    if (stage === left?.stage) left = undefined
  }
  const publish = (): void => {
    const notices = pendingWait === null ? lasting : [...lasting, pendingWait.notice]
    now = {
      ...now,
      waitingFor: pendingWait && {
        name: pendingWait.name,
        until: pendingWait.until,
        notice: pendingWait.notice,
      },
      notices,
    }
    published = now
    const changed = attributePairs(now).filter(
      ({ key, value }) => sent.get(key.name) !== plain(value ?? undefined),
    )
    for (const { key, value } of changed) sent.set(key.name, plain(value ?? undefined))
    if (changed.length > 0) upsertSearchAttributes(changed)
    setCurrentDetails(signupDetails(now))
  }

  publish()
  return {
    status: () => published,
    stateForNextRun: () => {
      const { stage, stageSince, problem, code } = now
      return { stage, stageSince, problem, blockedStep, code }
    },
    attempts: () => now.problem?.attempts ?? 0,
    enter,
    show(stage) {
      enter(stage)
      publish()
    },
    showIdle(stage) {
      enter(stage)
      now = { ...now, problem: null }
      pendingWait = null
      publish()
    },
    blocked(step, { name, detail, since, counts, retryInMs }) {
      const problem: Problem = {
        name,
        ...problemText(name, { system, identity, detail }),
        since: now.problem?.since ?? since,
        attempts: (now.problem?.attempts ?? 0) + (counts ? 1 : 0),
        nextTryAt: retryInMs === null ? null : new Date(Date.now() + retryInMs).toISOString(),
      }
      now = { ...now, problem }
      blockedStep = step
      if (pendingWait?.step === step) pendingWait = null
      publish()
    },
    waiting(step, name, ms) {
      const { sentence } = problemText(name, { system, identity, detail: {} })
      const until = new Date(Date.now() + ms).toISOString()
      pendingWait = { step, name, until, notice: `${sentence} This signup continues at ${until}.` }
      publish()
    },
    unblocked(step) {
      const waited = pendingWait?.step === step
      const wasBlocked = now.problem !== null && blockedStep === step
      if (!waited && !wasBlocked) return
      if (waited) pendingWait = null
      if (wasBlocked) now = { ...now, problem: null }
      publish()
    },
    setFacts({ notices = lasting, ...facts }) {
      lasting = notices
      now = { ...now, ...facts }
    },
    end(stage, account) {
      enter(stage)
      pendingWait = null
      now = { ...now, ...account, problem: stage === 'refused' ? now.problem : null }
      publish()
      return now
    },
  }
}

function attributePairs(status: SignupStatus): SearchAttributeUpdatePair[] {
  const { system, tenant, stage, problem, code } = status
  return [
    { key: attributes.SignupSystem, value: system },
    { key: attributes.SignupTenant, value: tenant },
    { key: attributes.SignupStage, value: stage },
    { key: attributes.SignupCode, value: code },
    { key: attributes.SignupProblem, value: problem?.name ?? null },
    { key: attributes.SignupProblemSince, value: problem === null ? null : new Date(problem.since) },
  ]
}

/** Search attributes compare by value; dates come back from the server as new objects. */
function plain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}
