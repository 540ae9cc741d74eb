import type { Client, WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { emailChanged, emailVerified, retry } from '../contracts/messages.ts'
import { signupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import { SignupStage, SignupSystem, SignupTenant } from '../contracts/search-attributes.ts'
import type { EmailChange, SignupInput } from '../contracts/signup.ts'
import { SIGNUP_WORKFLOW_TYPES, taskQueueOf, type PersonRef } from '../contracts/systems.ts'
import { inTime } from './temporal.ts'

/** What became known about a person. */
export interface SignupNews extends PersonRef {
  /** ISO 8601; from the provider's signup event only. */
  readonly signedUpAt?: string | undefined
  /** What to tell a signup that is under way. */
  readonly hint?: 'emailVerified' | 'emailChanged' | 'retry' | undefined
  /** Who is found later stands behind who signs up now, wherever a signup has to wait its turn. Default `live`. */
  readonly priority?: keyof typeof PRIORITIES | undefined
  /** ISO 8601; with `emailChanged`, when the provider's event says the address changed. */
  readonly changedAt?: string | undefined
}

/** Temporal's keys, of 1 to 5, lower ones first. A signup's steps inherit its own. */
const PRIORITIES = { live: 1, backfill: 5 } as const

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

  const optionsFor = ({ tenant, identity, signedUpAt, priority = 'live' }: SignupNews) => {
    const input: SignupInput = { identity, tenant, ...(signedUpAt === undefined ? {} : { signedUpAt }) }
    return {
      workflowId: idOf({ tenant, identity }),
      taskQueue: taskQueueOf('atproto'),
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      priority: { priorityKey: PRIORITIES[priority] },
      staticSummary: `Signup in ${tenant}`,
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
        const { hint, changedAt } = news
        if (hint === undefined) await client.workflow.start(type, options)
        else if (hint === 'emailChanged' && changedAt !== undefined) {
          const signalArgs: [EmailChange] = [{ at: changedAt }]
          await client.workflow.signalWithStart(type, { ...options, signal: emailChanged, signalArgs })
        } else await client.workflow.signalWithStart(type, { ...options, signal: HINTS[hint].name })
      })
      return { workflowId: options.workflowId }
    },
  }
}
