import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import type { SearchAttributeUpdatePair } from '@temporalio/common'
import { shownIdentity } from '../../contracts/ids.ts'
import type { Problem, ProblemName } from '../../contracts/problems.ts'
import * as attributes from '../../contracts/search-attributes.ts'
import type { SignupCarry, SignupInput, SignupStatus } from '../../contracts/signup.ts'
import type { Stage } from '../../contracts/stages.ts'
import type { System } from '../../contracts/systems.ts'
import type { ProblemDetail } from '../../domain/outside-error.ts'
import { problemText } from '../../domain/problems.ts'
import { describe } from './details.ts'

/** What a signup knows of another way its codes are kept apart. */
type Guard = { by: 'index' } | { by: 'reservation'; lacking: ProblemDetail }

/**
 * What everybody outside sees of a signup. The status query, the search attributes and the current details are all
 * set by one `publish`, so they never disagree. An upsert costs an event: stages that pass within one workflow task
 * are not published, whatever waits for the world outside is.
 */
export interface View {
  readonly status: () => SignupStatus
  readonly carry: () => Omit<SignupCarry, 'lookNeeded' | 'waitUntil' | 'changedAt'>
  /** Rounds that failed so far. */
  readonly attempts: () => number
  /** The step at hand, published only when it keeps the signup waiting. */
  enter(stage: Stage): void
  /** The step at hand, published at once. */
  show(stage: Stage): void
  stuck(step: string, name: ProblemName, detail: ProblemDetail, retryInMs: number | null): void
  /** A turn this step waits for: a notice, since nothing is wrong. */
  waits(step: string, name: ProblemName, ms: number): void
  /** Clears the problem and the wait, if they were this step's. */
  solved(step: string): void
  know(facts: { tenant?: string; code?: string; guard?: Guard }): void
  /** The last thing published, which is the workflow's result too. */
  end(stage: Stage, account?: { did: string; handle: string }): SignupStatus
}

export function openView(system: System, input: SignupInput): View {
  const { tenant, carried } = input
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo()
  const identity = shownIdentity(input.identity, workflowId) // all of a view stands in clear
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
  let stuckAt = carried?.stuckAt ?? null
  let lasting: readonly string[] = []
  let turn: { readonly step: string; readonly notice: string } | null = null

  const time = (): string => new Date().toISOString()
  // A run that continues another passes the stages before the one it was in once more.
  let left = carried
  const enter = (stage: Stage): void => {
    const stageSince = stage === left?.stage ? left.stageSince : time()
    if (stage !== now.stage) now = { ...now, stage, stageSince }
    if (stage === left?.stage) left = undefined
  }
  const publish = (): void => {
    now = { ...now, notices: turn === null ? lasting : [...lasting, turn.notice] }
    published = now
    const changed = attributePairs(now).filter(
      ({ key, value }) => sent.get(key.name) !== plain(value ?? undefined),
    )
    for (const { key, value } of changed) sent.set(key.name, plain(value ?? undefined))
    if (changed.length > 0) upsertSearchAttributes(changed)
    setCurrentDetails(describe(now))
  }

  publish()
  return {
    status: () => published,
    carry: () => {
      const { stage, stageSince, problem, code } = now
      return { stage, stageSince, problem, stuckAt, code }
    },
    attempts: () => now.problem?.attempts ?? 0,
    enter,
    show(stage) {
      enter(stage)
      publish()
    },
    stuck(step, name, detail, retryInMs) {
      const problem: Problem = {
        name,
        ...problemText(name, { system, identity, detail }),
        since: now.problem?.since ?? time(),
        attempts: (now.problem?.attempts ?? 0) + 1,
        nextTryAt: retryInMs === null ? null : new Date(Date.now() + retryInMs).toISOString(),
      }
      now = { ...now, problem }
      stuckAt = step
      if (turn?.step === step) turn = null
      publish()
    },
    waits(step, name, ms) {
      const { sentence } = problemText(name, { system, identity, detail: {} })
      turn = {
        step,
        notice: `${sentence} This signup goes on at ${new Date(Date.now() + ms).toISOString()}.`,
      }
      publish()
    },
    solved(step) {
      const waited = turn?.step === step
      const wasStuck = now.problem !== null && stuckAt === step
      if (!waited && !wasStuck) return
      if (waited) turn = null
      if (wasStuck) now = { ...now, problem: null }
      publish()
    },
    know({ guard, ...facts }) {
      if (guard !== undefined) lasting = noticesOf(guard, { system, identity })
      now = { ...now, ...facts }
    },
    end(stage, account) {
      enter(stage)
      turn = null
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

function noticesOf(guard: Guard, person: { system: System; identity: string }): string[] {
  if (guard.by === 'index') return []
  const { sentence, fix } = problemText('index-not-equivalent', { ...person, detail: guard.lacking })
  return [`${sentence} ${fix}`]
}

/** Search attributes compare by value; dates come back from the server as new objects. */
function plain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value
}
