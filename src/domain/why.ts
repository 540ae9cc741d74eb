import type { System } from '../contracts/systems.ts'
import type { Finding } from '../contracts/gaps.ts'
import { stepNames, type SignupStep } from '../contracts/history.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { isEndStage, type Stage } from '../contracts/stages.ts'
import type { WhyProblem } from '../contracts/why.ts'
import { gapText } from './gaps.ts'
import type { PersonFacts } from './atproto/gap-rules.ts'
import { shellQuoted } from '../contracts/text/shell.ts'

/**
 * A person's stage by the stores alone, for when Temporal no longer keeps the signup or does not answer. Null for an
 * unknown person.
 */
export function stageFromStores({ provider, verifications, user, deletedAt }: PersonFacts): Stage | null {
  if (deletedAt !== null) return 'deleted'
  if (user?.did) return 'completed'
  if (provider === null) return verifications === null && user === null ? null : 'deleted'
  if (verifications === null) return 'recording'
  if (user === null || typeof user.code !== 'string' || user.code === '') return 'creating-user'
  return provider.verified ? 'creating-account' : 'waiting-for-verification'
}

/** Which of the stores that a stage depends on could be read. */
export interface StageSources {
  readonly provider: boolean
  /** The application's records. */
  readonly records: boolean
  /** Whether the person was deleted. */
  readonly deletion: boolean
}

/**
 * A person's stage: by a signup in flight, or else by the stores, or else by the signup that ended. Null where that
 * depends on a store that could not be read: an empty answer and a missing one are different things.
 */
export function currentStage(
  status: Pick<SignupStatus, 'stage' | 'problem'> | null,
  facts: PersonFacts,
  read: StageSources,
): Stage | null {
  if (status !== null && (!isEndStage(status.stage) || status.problem !== null)) return status.stage
  const stage = endedStage(status?.stage ?? null, facts, read)
  // Without a tombstone, it is enough that the provider and the stores have nobody.
  return read.deletion || stage === 'deleted' ? stage : null
}

function endedStage(ended: Stage | null, facts: PersonFacts, read: StageSources): Stage | null {
  const { verifications, user, deletedAt } = facts
  const hasRecords = verifications !== null || user !== null
  // A person created after their tombstone is another one; without the provider's date, their records leave that
  // undecided.
  if (deletedAt !== null) return read.provider || (read.records && !hasRecords) ? 'deleted' : null
  if (!read.records) return ended
  if (user?.did) return 'completed'
  if (ended === 'completed' && !hasRecords && facts.provider === null) return 'deleted'
  if (!read.provider) return hasRecords ? null : ended
  const byStores = stageFromStores(facts)
  if (ended === 'expired' && byStores === 'waiting-for-verification') return ended
  return byStores ?? ended
}

/** A person's issues: the problem that blocks the signup, then the gaps between the stores. */
export function problemsOf(
  system: System,
  status: SignupStatus | null,
  gaps: readonly Finding[],
): WhyProblem[] {
  const problem = status?.problem ?? null
  const held: WhyProblem[] = problem === null ? [] : [{ kind: 'problem', ...pick(problem) }]
  return [
    ...held,
    ...gaps.map((gap): WhyProblem => ({
      kind: 'gap',
      name: gap.kind,
      since: gap.since,
      ...gapText(system, gap),
    })),
  ]
}

function pick({ name, sentence, fix, since }: Omit<WhyProblem, 'kind'>): Omit<WhyProblem, 'kind'> {
  return { name, sentence, fix, since }
}

/** The current step of a person, or the step at which they are blocked; null once all are done. */
export function currentStep(stage: Stage | null): SignupStep | null {
  return stepNames().find((step) => step === stage) ?? null
}

/** The next event without an operator's action. `workflow`: false where Temporal could not be asked. */
export function nextWithoutAction({
  status,
  stage,
  problems,
  asked,
  now = Date.now(),
}: {
  status: SignupStatus | null
  stage: Stage | null
  problems: readonly WhyProblem[]
  asked: boolean
  now?: number
}): string {
  if (!asked) return 'Unknown: Temporal does not answer, so it is not known whether a signup is running.'
  const problem = status?.problem ?? null
  if (problem !== null) {
    if (problem.name === 'no-worker') return 'The signup continues as soon as a worker runs.'
    if (status?.stage === 'refused') return 'Nothing: this refusal is final until the e-mail address changes.'
    return `The step is ${retryTime(problem.nextTryAt, now)}, or as soon as watch finds the cause fixed.`
  }
  if (status?.waitingFor) return status.waitingFor.notice
  if (stage === 'waiting-for-verification' && status !== null && status.stage === stage)
    return 'The signup waits for the e-mail to be verified, and continues when Auth0 reports it.'
  if (
    status !== null &&
    ['recording', 'creating-code', 'creating-user', 'creating-account'].includes(status.stage)
  )
    return 'The signup is running this step.'
  if (status === null && problems.some(({ name }) => GAPS_OF_MISSED_EVENTS.has(name)))
    return "Catch-up reads Auth0's log and its newest users every minute, and starts signups that no delivery reported. The hourly audit reports gaps that remain."
  if (problems.length > 0) return 'Nothing: no signup is running. The hourly audit reports the gap.'
  if (stage === 'completed') return 'Nothing: every record exists.'
  if (stage === 'deleted') return 'Nothing: the person was deleted, or the provider does not know them.'
  if (stage === 'expired') return 'Nothing until the e-mail is verified; that starts the signup again.'
  return 'Nothing: no signup is running.'
}

/** Gaps of a person whose signup event did not arrive. */
const GAPS_OF_MISSED_EVENTS: ReadonlySet<string> = new Set([
  'identity-only',
  'verification-missing',
  'user-missing',
  'account-missing',
])

/** A time in the future, never one in the past: a step whose time is over is being tried. */
function retryTime(nextTryAt: string | null, now: number): string {
  if (nextTryAt === null) return 'retried within fifteen minutes'
  return Date.parse(nextTryAt) > now ? `retried at ${nextTryAt}` : 'being retried now'
}

/** Problems that a retry does not end sooner, or whose fix retries by itself. */
const NO_RETRY: ReadonlySet<string> = new Set(['no-worker', 'paused', 'observing', 'email-unsupported'])

/**
 * The one action to take now; null where none is needed. An action that cannot wait for a person's decision comes
 * first.
 */
export function fixFor(
  system: System,
  identity: string,
  {
    status,
    stage,
    problems,
    known,
  }: { status: SignupStatus | null; stage: Stage | null; problems: readonly WhyProblem[]; known: boolean },
): string | null {
  const [first] = problems
  if (first?.kind === 'problem' && !NO_RETRY.has(first.name) && !first.fix.includes('holdfast retry'))
    return `${first.fix} To retry now, once it is fixed: holdfast retry ${system} ${shellQuoted(identity)}`
  if (first !== undefined) return first.fix
  if (!known || stage === 'completed' || stage === 'deleted' || stage === null) return null
  if (stage === 'waiting-for-verification')
    return `To resend the verification mail: holdfast resend ${system} ${shellQuoted(identity)}`
  return status === null ? `holdfast signup ${system} ${shellQuoted(identity)}` : null
}
