import { createHash } from 'node:crypto'
import type { Client, WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { ingestWorkflowId, signupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import type { IngestInput, PersonUpdate } from '../contracts/intake.ts'
import { emailChanged, emailVerified, retry } from '../contracts/messages.ts'
import { PRIORITY, type Urgency } from '../contracts/priorities.ts'
import { SignupStage, SignupSystem, SignupTenant } from '../contracts/search-attributes.ts'
import type { EmailChange, RetryOptions, SignupInput } from '../contracts/signup.ts'
import { NO_TENANT, taskQueueOf, type PersonRef, type System } from '../contracts/systems.ts'
import { workflowsOf } from '../contracts/vocabulary.ts'
import { createDeletions } from './deletions.ts'
import { withDeadline } from './temporal.ts'

/** An update about a person. */
export interface SignupUpdate extends PersonRef {
  /** ISO 8601; from the provider's signup event only. */
  readonly signedUpAt?: string | undefined
  /** The signal to send to a signup that is in progress. */
  readonly hint?: 'emailVerified' | 'emailChanged' | 'retry' | undefined
  /** With the hint `retry`: the workflow to which the outcome is reported once. */
  readonly reportTo?: string | undefined
  /** Whether a person waits for it right now; `live` when left out. A running signup keeps its priority. */
  readonly urgency?: Urgency | undefined
  /** ISO 8601; with `emailChanged`, when the provider's event says the address changed. */
  readonly changedAt?: string | undefined
}

/** A second start joins the running workflow; one that has ended may be started again. */
const START_OR_JOIN = {
  workflowIdConflictPolicy: 'USE_EXISTING',
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
} as const

const HINTS = { emailVerified, emailChanged, retry }

export interface Signups {
  /**
   * The only way to pass on updates: starts the person's signup, or signals the running one. When it returns, Temporal
   * has stored the update durably. Safe to repeat; order does not matter.
   */
  notify(news: SignupUpdate): Promise<{ workflowId: string }>
  /**
   * Requests that the person is deleted everywhere; `at` is when the provider deleted them, ISO 8601. Safe to repeat.
   */
  requestDeletion(person: PersonRef & { at?: string | undefined }): Promise<{ workflowId: string }>
  /** Stores a chunk of updates durably in one call; the people's signups are notified afterwards, at a limited rate. */
  ingest(tenant: string, news: readonly PersonUpdate[]): Promise<{ workflowId: string }>
  workflowIdOf(person: PersonRef): string
}

export function createSignups(client: Client, system: System, hash: IdentityHash): Signups {
  const deletions = createDeletions(client, system, hash)
  const workflowIdOf = ({ tenant, identity }: PersonRef): string =>
    signupWorkflowId(system, tenant, identity, hash)

  const optionsFor = ({ tenant, identity, signedUpAt, reportTo, urgency = 'live' }: SignupUpdate) => {
    const input: SignupInput = {
      identity,
      tenant,
      ...(signedUpAt === undefined ? {} : { signedUpAt }),
      ...(reportTo === undefined ? {} : { reportTo }),
    }
    return {
      ...START_OR_JOIN,
      taskQueue: taskQueueOf(system),
      workflowId: workflowIdOf({ tenant, identity }),
      args: [input],
      priority: { priorityKey: PRIORITY[urgency] },
      staticSummary: `Signup in ${tenant}`,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: SignupSystem, value: system },
        { key: SignupTenant, value: tenant },
        { key: SignupStage, value: 'recording' },
      ]),
    } satisfies WorkflowStartOptions
  }

  return {
    workflowIdOf,
    async notify(news) {
      const options = optionsFor(news)
      const type = workflowsOf(system).signup
      await withDeadline(client, async () => {
        const { hint, changedAt, reportTo } = news
        if (hint === undefined) await client.workflow.start(type, options)
        else if (hint === 'emailChanged' && changedAt !== undefined) {
          const signalArgs: [EmailChange] = [{ at: changedAt }]
          await client.workflow.signalWithStart(type, { ...options, signal: emailChanged, signalArgs })
        } else if (hint === 'retry' && reportTo !== undefined) {
          const signalArgs: [RetryOptions] = [{ reportTo }]
          await client.workflow.signalWithStart(type, { ...options, signal: retry, signalArgs })
        } else await client.workflow.signalWithStart(type, { ...options, signal: HINTS[hint].name })
      })
      return { workflowId: options.workflowId }
    },
    async requestDeletion({ tenant, identity, at }) {
      const { workflowId } = await deletions.start(
        { tenant, identity },
        at === undefined ? {} : { deletedAt: at },
      )
      return { workflowId }
    },
    async ingest(tenant, updates) {
      const input: IngestInput = { system, tenant, updates }
      const digest = createHash('sha256').update(JSON.stringify(updates)).digest('hex').slice(0, 32)
      const workflowId = ingestWorkflowId(system, tenant, digest)
      await withDeadline(client, () =>
        client.workflow.start('ingest', {
          ...START_OR_JOIN,
          taskQueue: taskQueueOf(system),
          workflowId,
          args: [input],
          priority: { priorityKey: PRIORITY.bulk },
          staticSummary: `Updates of ${updates.length} people${tenant === NO_TENANT ? '' : ` in ${tenant}`}`,
        }),
      )
      return { workflowId }
    },
  }
}
