import type { Client } from '@temporalio/client'
import { signupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import { SignupCode } from '../contracts/search-attributes.ts'
import type { SignupStatus } from '../contracts/signup.ts'
import type { PersonRef, System } from '../contracts/systems.ts'
import { withDeadline } from './temporal.ts'
import { findRuns, signupsOf, visibility, type VisibilityQuery } from './visibility.ts'

/** The result of a completed signup. */
export type LastSignup = Pick<SignupStatus, 'code' | 'did' | 'handle'>

export interface LastSignups {
  /** The newest completed signup of a person that Temporal still keeps; null where there is none. */
  find(person: PersonRef): Promise<LastSignup | null>
  /** The codes of many people by identity, from search attributes; people without a completed signup are left out. */
  codes(people: readonly PersonRef[]): Promise<Map<string, string>>
}

/** Workflow ids in one visibility query. */
const IDS_AT_ONCE = 50
/** Most runs read for one such query. */
const MOST_RUNS = 1_000

export function createLastSignups(client: Client, system: System, hash: IdentityHash): LastSignups {
  const idOf = ({ tenant, identity }: PersonRef): string => signupWorkflowId(system, tenant, identity, hash)

  return {
    async find(person) {
      const workflowId = idOf(person)
      return withDeadline(client, async () => {
        // Visibility lists the newest first.
        for await (const run of findRuns(client, completedRunsOf(system, [workflowId]), { most: 1 })) {
          if (run.workflowId !== workflowId) return null
          const result = client.workflow.getHandle(workflowId, run.runId).result()
          const { code, did, handle } = (await result) as SignupStatus
          return { code, did, handle }
        }
        return null
      })
    },

    async codes(people) {
      const found = new Map<string, string>()
      for (let from = 0; from < people.length; from += IDS_AT_ONCE) {
        const few = people.slice(from, from + IDS_AT_ONCE)
        const byId = new Map(few.map((person) => [idOf(person), person.identity]))
        await withDeadline(client, async () => {
          for await (const run of findRuns(client, completedRunsOf(system, [...byId.keys()]), {
            most: MOST_RUNS,
          })) {
            const identity = byId.get(run.workflowId)
            const code = run.typedSearchAttributes.get(SignupCode)
            if (identity !== undefined && code !== undefined && !found.has(identity))
              found.set(identity, code)
          }
        })
      }
      return found
    },
  }
}

function completedRunsOf(system: System, workflowIds: readonly string[]): VisibilityQuery {
  return visibility`WorkflowId IN (${workflowIds}) AND ${signupsOf(system)} AND ExecutionStatus = 'Completed' AND SignupStage = 'completed'`
}
