import { createHash } from 'node:crypto'
import type { Client, WorkflowStartOptions } from '@temporalio/client'
import { TypedSearchAttributes } from '@temporalio/common'
import { ingestWorkflowId, signupWorkflowId, type IdentityHash } from '../contracts/ids.ts'
import type { IngestInput, PersonNews } from '../contracts/intake.ts'
import { emailChanged, emailVerified, retry } from '../contracts/messages.ts'
import { PRIORITY, type Urgency } from '../contracts/priorities.ts'
import { SignupStage, SignupSystem, SignupTenant } from '../contracts/search-attributes.ts'
import type { EmailChange, SignupInput } from '../contracts/signup.ts'
import { SIGNUP_WORKFLOW_TYPES, taskQueueOf, type PersonRef } from '../contracts/systems.ts'
import { createDeletions } from './deletions.ts'
import { inTime } from './temporal.ts'

/** What became known about a person. */
export interface SignupNews extends PersonRef {
  /** ISO 8601; from the provider's signup event only. */
  readonly signedUpAt?: string | undefined
  /** What to tell a signup that is under way. */
  readonly hint?: 'emailVerified' | 'emailChanged' | 'retry' | undefined
  /** Whether somebody waits for it right now; `live` when left out. A signup that runs keeps what it began with. */
  readonly urgency?: Urgency | undefined
  /** ISO 8601; with `emailChanged`, when the provider's event says the address changed. */
  readonly changedAt?: string | undefined
}

/** What is started twice joins the run there is; what ended may be started again. */
const JOINING = {
  taskQueue: taskQueueOf('atproto'),
  workflowIdConflictPolicy: 'USE_EXISTING',
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
} as const

const HINTS = { emailVerified, emailChanged, retry }

export interface Signups {
  /**
   * The one door for news: starts the person's signup, or tells the one that runs. When it returns, Temporal has
   * made it durable. Safe to repeat; order does not matter.
   */
  tell(news: SignupNews): Promise<{ workflowId: string }>
  /** Has the person deleted everywhere; `at` is when the provider did so, ISO 8601. Safe to repeat. */
  deleted(person: PersonRef & { at?: string | undefined }): Promise<{ workflowId: string }>
  /** Makes a chunk of news durable in one call; the people in it are told afterwards, at a measured pace. */
  ingest(tenant: string, news: readonly PersonNews[]): Promise<{ workflowId: string }>
  idOf(person: PersonRef): string
}

export function createSignups(client: Client, hash: IdentityHash): Signups {
  const deletions = createDeletions(client, hash)
  const idOf = ({ tenant, identity }: PersonRef): string =>
    signupWorkflowId('atproto', tenant, identity, hash)

  const optionsFor = ({ tenant, identity, signedUpAt, urgency = 'live' }: SignupNews) => {
    const input: SignupInput = { identity, tenant, ...(signedUpAt === undefined ? {} : { signedUpAt }) }
    return {
      ...JOINING,
      workflowId: idOf({ tenant, identity }),
      args: [input],
      priority: { priorityKey: PRIORITY[urgency] },
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
    async deleted({ tenant, identity, at }) {
      const { workflowId } = await deletions.start(
        { tenant, identity },
        at === undefined ? {} : { deletedAt: at },
      )
      return { workflowId }
    },
    async ingest(tenant, news) {
      const input: IngestInput = { system: 'atproto', tenant, news }
      const digest = createHash('sha256').update(JSON.stringify(news)).digest('hex').slice(0, 32)
      const workflowId = ingestWorkflowId('atproto', tenant, digest)
      await inTime(client, () =>
        client.workflow.start('ingest', {
          ...JOINING,
          workflowId,
          args: [input],
          priority: { priorityKey: PRIORITY.bulk },
          staticSummary: `News of ${news.length} people in ${tenant}`,
        }),
      )
      return { workflowId }
    },
  }
}
