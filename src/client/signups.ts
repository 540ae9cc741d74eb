import type { Client, WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { emailChanged, emailVerified, retry } from '../contracts/messages.ts'
import { signupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import { SignupStage, SignupSystem, SignupTenant } from '../contracts/search-attributes.ts'
import type { SignupInput } from '../contracts/signup.ts'
import { SIGNUP_WORKFLOW_TYPES, taskQueueOf, type PersonRef } from '../contracts/systems.ts'
import { inTime } from './temporal.ts'

/** What became known about a person. */
export interface SignupNews extends PersonRef {
  /** ISO 8601; from the provider's signup event only. */
  readonly signedUpAt?: string | undefined
  /** What to tell a signup that is under way. */
  readonly hint?: 'emailVerified' | 'emailChanged' | 'retry' | undefined
  /** By a repair: comes after live signups, and this workflow is told where it comes to rest. With the hint `retry`. */
  readonly reportTo?: string | undefined
}

/** Live signups have Temporal's own 3, or less: what repairs set going comes after them, its activities too. */
const REPAIR_PRIORITY = { priorityKey: 5 }

const HINTS = { emailVerified, emailChanged, retry }

export interface Signups {
  /**
   * The one door for news: starts the person's signup, or tells the one that runs. When it returns, Temporal has
   * made it durable. Safe to repeat; order does not matter.
   */
  tell(news: SignupNews): Promise<{ workflowId: string }>
  idOf(person: PersonRef): string
}

export function createSignups(client: Client, hash: IdentityHash): Signups {
  const idOf = ({ tenant, identity }: PersonRef): string =>
    signupWorkflowId('atproto', tenant, identity, hash)

  const optionsFor = ({ tenant, identity, signedUpAt, reportTo }: SignupNews) => {
    const input: SignupInput = {
      identity,
      tenant,
      ...(signedUpAt === undefined ? {} : { signedUpAt }),
      ...(reportTo === undefined ? {} : { reportTo }),
    }
    return {
      workflowId: idOf({ tenant, identity }),
      taskQueue: taskQueueOf('atproto'),
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `Signup in ${tenant}`,
      ...(reportTo === undefined ? {} : { priority: REPAIR_PRIORITY }),
      typedSearchAttributes: new TypedSearchAttributes([
        { key: SignupSystem, value: 'atproto' },
        { key: SignupTenant, value: tenant },
        { key: SignupStage, value: 'recording' },
      ]),
    } satisfies WorkflowStartOptions
  }

  return {
    idOf,
    async tell(news) {
      const options = optionsFor(news)
      const type = SIGNUP_WORKFLOW_TYPES.atproto
      await inTime(client, async () => {
        const { reportTo } = news
        if (news.hint === undefined) await client.workflow.start(type, options)
        else if (reportTo !== undefined)
          await client.workflow.signalWithStart(type, {
            ...options,
            signal: retry,
            signalArgs: [{ reportTo }],
          })
        else await client.workflow.signalWithStart(type, { ...options, signal: HINTS[news.hint] })
      })
      return { workflowId: options.workflowId }
    },
  }
}
