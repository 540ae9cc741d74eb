import { setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import type { SearchAttributeUpdatePair } from '@temporalio/common'
import { shownIdentity } from '../../contracts/ids.ts'
import { trouble } from '../../contracts/messages.ts'
import type { Problem } from '../../contracts/problems.ts'
import { SignupProblem, SignupProblemSince, SignupSystem } from '../../contracts/search-attributes.ts'
import type { System } from '../../contracts/systems.ts'
import { problemText } from '../../domain/problems.ts'
import type { StepView } from './step.ts'

export interface Troubles<Stage extends string> extends StepView<Stage> {
  problem(): Problem | null
}

/**
 * Where a workflow that is no signup shows why it stands still: the same search attributes, so that one query finds
 * everything that is stuck, the current details, and the query `problem`. Set together, so they never disagree.
 */
export function openTroubles<Stage extends string>(system: System, identity: string): Troubles<Stage> {
  const shown = shownIdentity(identity, workflowInfo().workflowId)
  let stage: Stage | null = null
  let stuckAt: string | null = null
  let problem: Problem | null = null
  setHandler(trouble, () => problem)

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
    stuck(step, name, detail, retryInMs) {
      stuckAt = step
      problem = {
        name,
        ...problemText(name, {
          system,
          identity: shown,
          detail,
          many: name, // a retry of this one person would be their signup's
        }),
        since: problem?.since ?? new Date().toISOString(),
        attempts: (problem?.attempts ?? 0) + 1,
        nextTryAt: retryInMs === null ? null : new Date(Date.now() + retryInMs).toISOString(),
      }
      publish()
    },
    waits(_step, name, ms) {
      const { sentence } = problemText(name, { system, identity: shown, detail: {} })
      const until = new Date(Date.now() + ms).toISOString()
      setCurrentDetails(`${details(stage, problem)}\n\n${sentence} It goes on at ${until}.`)
    },
    solved(step) {
      if (problem === null || stuckAt !== step) return
      problem = null
      publish()
    },
  }
}

function details(stage: string | null, problem: Problem | null): string {
  const at = `**${(stage ?? 'starting').replaceAll('-', ' ')}** in ${workflowInfo().workflowType}`
  if (problem === null) return at
  return [at, `**${problem.name}**: ${problem.sentence}`, `Failing since ${problem.since}.`].join('\n\n')
}
