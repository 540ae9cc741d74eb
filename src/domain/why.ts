import type { Finding } from '../contracts/gaps.ts'
import type { Step } from '../contracts/history.ts'
import { STEPS } from '../contracts/history.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import type { Stage } from '../contracts/stages.ts'
import type { WhyTrouble } from '../contracts/why.ts'
import { gapText } from './gaps.ts'
import type { PersonFacts } from './judge.ts'
import { shellQuoted } from './shell.ts'

/** Where a person is by the stores alone, for when Temporal has forgotten or cannot be asked. Null for a stranger. */
export function stageByStores({ provider, verifications, user }: PersonFacts): Stage | null {
  if (user?.did) return 'completed'
  if (provider === null) return verifications === null && user === null ? null : 'deleted'
  if (verifications === null) return 'recording'
  if (user === null || typeof user.code !== 'string' || user.code === '') return 'creating-user'
  return provider.verified ? 'creating-account' : 'waiting-for-verification'
}

/** What is the matter: what holds the signup up, then what the stores lack. */
export function troublesOf(status: SignupStatus | null, gaps: readonly Finding[]): WhyTrouble[] {
  const problem = status?.problem ?? null
  const held: WhyTrouble[] = problem === null ? [] : [{ kind: 'problem', ...pick(problem) }]
  return [
    ...held,
    ...gaps.map((gap): WhyTrouble => ({ kind: 'gap', name: gap.kind, since: gap.since, ...gapText(gap) })),
  ]
}

function pick({ name, sentence, fix, since }: Omit<WhyTrouble, 'kind'>): Omit<WhyTrouble, 'kind'> {
  return { name, sentence, fix, since }
}

/** The step somebody is at, or was stopped at; null once all are done. */
export function stepAt(stage: Stage | null): Step | null {
  return STEPS.find((step) => step === stage) ?? null
}

/** What happens next if nobody does anything. `workflow`: false where Temporal could not be asked. */
export function nextByItself({
  status,
  stage,
  troubles,
  asked,
}: {
  status: SignupStatus | null
  stage: Stage | null
  troubles: readonly WhyTrouble[]
  asked: boolean
}): string {
  if (!asked) return 'Temporal cannot be asked, so nobody can say whether a signup is under way.'
  const problem = status?.problem ?? null
  if (problem !== null) {
    if (problem.name === 'no-worker') return 'It goes on as soon as a worker is there.'
    if (status?.stage === 'refused') return 'Nothing: this answer is final until the address changes.'
    const when = problem.nextTryAt === null ? 'within fifteen minutes' : `at ${problem.nextTryAt}`
    return `The step is tried again ${when}, and by the watch as soon as what it waits for is well.`
  }
  if (stage === 'waiting-for-verification' && status !== null && status.stage === stage)
    return 'It waits for the verified e-mail, and goes on when Auth0 says so.'
  if (
    status !== null &&
    ['recording', 'creating-code', 'creating-user', 'creating-account'].includes(status.stage)
  )
    return 'The signup is at work on it.'
  if (troubles.length > 0) return 'Nothing: no signup is under way. The hourly audit reports it.'
  if (stage === 'completed') return 'Nothing has to happen: every record exists.'
  if (stage === 'expired') return 'Nothing, until the e-mail is verified: that starts the signup again.'
  return 'Nothing is under way.'
}

/** The one thing to do now; null where nothing is. What cannot wait for a person's decision comes first. */
export function fixFor(
  identity: string,
  {
    status,
    stage,
    troubles,
    known,
  }: { status: SignupStatus | null; stage: Stage | null; troubles: readonly WhyTrouble[]; known: boolean },
): string | null {
  const [first] = troubles
  if (first !== undefined) return first.fix
  if (!known || stage === 'completed' || stage === null) return null
  if (stage === 'waiting-for-verification')
    return `To have the verification mail sent again: holdfast resend atproto ${shellQuoted(identity)}`
  return status === null ? `holdfast signup atproto ${shellQuoted(identity)}` : null
}
