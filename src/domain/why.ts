import type { System } from '../contracts/systems.ts'
import type { Finding } from '../contracts/gaps.ts'
import { stepNames, type SignupStep } from '../contracts/history.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import { isEndStage, type Stage } from '../contracts/stages.ts'
import { findWord, vocabularyOf } from '../contracts/vocabulary.ts'
import type { WhyProblem } from '../contracts/why.ts'
import { gapText } from './gaps.ts'
import { shellQuoted } from '../contracts/text/shell.ts'

/** A person's issues: the problem that blocks the signup, then the gaps between the stores. */
export function problemsOf(status: SignupStatus | null, gaps: readonly Finding[]): WhyProblem[] {
  const problem = status?.problem ?? null
  const held: WhyProblem[] = problem === null ? [] : [{ kind: 'problem', ...pick(problem) }]
  return [
    ...held,
    ...gaps.map((gap): WhyProblem => ({
      kind: 'gap',
      name: gap.kind,
      since: gap.since,
      ...gapText(gap),
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
  system,
  status,
  stage,
  problems,
  missed,
  asked,
  now = Date.now(),
}: {
  system: System
  status: SignupStatus | null
  stage: Stage | null
  problems: readonly WhyProblem[]
  /** Whether some gap may be there because the event of the signup did not arrive. */
  missed: boolean
  asked: boolean
  now?: number
}): string {
  if (!asked) return 'Unknown: Temporal does not answer, so it is not known whether a signup is running.'
  const { ends } = vocabularyOf(system)
  const problem = status?.problem ?? null
  if (problem !== null) {
    if (problem.name === 'no-worker') return 'The signup continues as soon as a worker runs.'
    if (status?.stage === 'refused') return ends?.refused ?? 'Nothing: this refusal is final.'
    return `The step is ${retryTime(problem.nextTryAt, now)}, or as soon as watch finds the cause fixed.`
  }
  if (status?.waitingFor) return status.waitingFor.notice
  const waiting =
    status === null || status.stage !== stage ? undefined : findWord('steps', status.system, stage)?.waiting
  if (waiting !== undefined) return waiting
  if (status !== null && !isEndStage(status.stage)) return 'The signup is running this step.'
  if (status === null && missed)
    return 'Catch-up reads the log and the newest users of the provider every minute, and starts signups that no delivery reported. The hourly audit reports gaps that remain.'
  if (problems.length > 0) return 'Nothing: no signup is running. The hourly audit reports the gap.'
  if (stage === 'completed') return 'Nothing: every record exists.'
  if (stage === 'deleted') return 'Nothing: the person was deleted, or the provider does not know them.'
  if (stage === 'expired')
    return ends?.expired ?? 'Nothing until the provider verifies the person; that starts the signup again.'
  return 'Nothing: no signup is running.'
}

/** A time in the future, never one in the past: a step whose time is over is being tried. */
function retryTime(nextTryAt: string | null, now: number): string {
  if (nextTryAt === null) return 'retried within fifteen minutes'
  return Date.parse(nextTryAt) > now ? `retried at ${nextTryAt}` : 'being retried now'
}

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
    ofSystem,
  }: {
    status: SignupStatus | null
    stage: Stage | null
    problems: readonly WhyProblem[]
    known: boolean
    /** The system's own proposal for this stage. */
    ofSystem: string | null
  },
): string | null {
  const [first] = problems
  const retries = first?.kind === 'problem' && findWord('problems', system, first.name)?.retry !== false
  if (first !== undefined && retries && !first.fix.includes('holdfast retry'))
    return `${first.fix} To retry now, once it is fixed: holdfast retry ${system} ${shellQuoted(identity)}`
  if (first !== undefined) return first.fix
  if (!known || stage === 'completed' || stage === 'deleted' || stage === null) return null
  if (ofSystem !== null) return ofSystem
  return status === null ? `holdfast signup ${system} ${shellQuoted(identity)}` : null
}
