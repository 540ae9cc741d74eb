import { setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import type { SearchAttributeUpdatePair } from '@temporalio/common'
import { displayIdentity } from '../../contracts/ids.ts'
import { problemQuery } from '../../contracts/messages.ts'
import type { Problem } from '../../contracts/problems.ts'
import { SignupProblem, SignupProblemSince, SignupSystem } from '../../contracts/search-attributes.ts'
import type { System } from '../../contracts/systems.ts'
import { withCommandsAsCode } from '../../domain/text/commands-in-text.ts'
import { problemText } from '../../domain/problems.ts'
import type { StepView } from './step-runner.ts'
import { withDescription } from './descriptions.ts'
import { moreDetails } from './more.ts'

export interface ProblemView<Stage extends string> extends StepView<Stage> {
  problem(): Problem | null
}

/**
 * Shows why a workflow other than a signup is blocked: in the same search attributes, so that one query finds
 * everything that is blocked, in the current details, and in the query `problem`. They are set together, so they never
 * disagree.
 */
export function openProblemView<Stage extends string>(system: System, identity: string): ProblemView<Stage> {
  const shown = displayIdentity(identity, workflowInfo().workflowId)
  let stage: Stage | null = null
  let blockedStep: string | null = null
  let problem: Problem | null = null
  setHandler(problemQuery, () => problem, withDescription(problemQuery))

  const publish = (): void => {
    const pairs: SearchAttributeUpdatePair[] = [
      { key: SignupSystem, value: system },
      { key: SignupProblem, value: problem?.name ?? null },
      { key: SignupProblemSince, value: problem === null ? null : new Date(problem.since) },
    ]
    upsertSearchAttributes(pairs)
    setCurrentDetails(details(stage, problem))
  }

  return {
    problem: () => problem,
    attempts: () => problem?.attempts ?? 0,
    enter(next) {
      stage = next
      setCurrentDetails(details(stage, problem))
    },
    blocked(step, { name, detail, since, counts, retryInMs }) {
      blockedStep = step
      problem = {
        name,
        ...problemText(name, {
          system,
          identity: shown,
          detail,
          many: name, // `retry` for this person alone would go to their signup
        }),
        since: problem?.since ?? since,
        attempts: (problem?.attempts ?? 0) + (counts ? 1 : 0),
        nextTryAt: retryInMs === null ? null : new Date(Date.now() + retryInMs).toISOString(),
      }
      publish()
    },
    waiting(_step, name, ms) {
      const { sentence } = problemText(name, { system, identity: shown, detail: {} })
      const until = new Date(Date.now() + ms).toISOString()
      setCurrentDetails(`${details(stage, problem)}\n\n${sentence} It continues at ${until}.`)
    },
    unblocked(step) {
      if (problem === null || blockedStep !== step) return
      problem = null
      publish()
    },
  }
}

function details(stage: string | null, problem: Problem | null): string {
  const at = `**${(stage ?? 'starting').replaceAll('-', ' ')}** in ${workflowInfo().workflowType}`
  if (problem === null) return at
  const lines = [at, `**${problem.name}**: ${problem.sentence}`, withCommandsAsCode(problem.fix)]
  return [...lines, ...moreDetails([problem.name]), `Failing since ${problem.since}.`].join('\n\n')
}
