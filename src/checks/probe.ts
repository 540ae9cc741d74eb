import { randomBytes } from 'node:crypto'
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { createAuth0Probe } from '../adapters/auth0-probe.ts'
import { createAuth0Setup } from '../adapters/auth0-setup.ts'
import type { UserDocument, VerificationDocument } from '../adapters/mongo/documents.ts'
import { createPds } from '../adapters/pds.ts'
import { createDeletions } from '../client/deletions.ts'
import { createSignups } from '../client/signups.ts'
import { inTime } from '../client/temporal.ts'
import type { ProbeReport, ProbeStepName } from '../contracts/checks.ts'
import { createIdHash } from '../crypto/keyring.ts'
import { probeUserId } from '../domain/probe.ts'
import type { CheckContext } from './context.ts'
import { createProbeSteps, type ProbeSteps } from './probe-steps.ts'

const RANDOM_BYTES = 6
/** For each step. A deletion may wait for an account creation that was under way. */
const LIMIT_MS = 120_000

export interface ProbeOptions {
  readonly tenant: string
  /** Where the address of the test identity lies. Nothing is sent there. */
  readonly emailDomain: string
  readonly limitMs?: number
  readonly onStep?: (name: ProbeStepName) => void
}

/**
 * Makes one marked identity at the provider, follows it by the real way to its last record, and deletes it everywhere,
 * also when it got no further than half way. What it writes is left out of all figures (`isProbe`).
 */
export async function probe(context: CheckContext, options: ProbeOptions): Promise<ProbeReport> {
  const { tenant, emailDomain, limitMs = LIMIT_MS, onStep = () => {} } = options
  const { idPrefix } = context.tenant(tenant)
  // Nobody is made who could not be followed and deleted: what lacks is said here, before.
  for (const needed of ['temporal', 'mongo', 'pds', 'keys'] as const) context.section(needed)
  const provider = createAuth0Probe(context.auth0(tenant))
  const steps = createProbeSteps(limitMs, onStep)
  const name = probeUserId(randomBytes(RANDOM_BYTES).toString('hex'))

  const userId = await steps.until('made-at-provider', () => provider.make(name, `${name}@${emailDomain}`))
  const identity = `${idPrefix}${userId ?? `auth0|${name}`}`
  if (userId !== null) {
    const world = outside(context, { tenant, identity, userId })
    await follow(steps, world)
    await remove(steps, world)
  }
  const stoppedAt = steps.done.find(({ ok }) => !ok)?.name ?? null
  return { ok: stoppedAt === null, tenant, identity, stoppedAt, steps: steps.done }
}

interface Probed {
  readonly tenant: string
  readonly identity: string
  readonly userId: string
}

type World = ReturnType<typeof outside>

/** Step by step, each looked for where it leaves its record. The first that does not come ends the way. */
async function follow(steps: ProbeSteps, world: World): Promise<void> {
  const way: [ProbeStepName, () => Promise<string | null>][] = [
    ['verified-at-provider', world.verified],
    ['in-provider-log', world.logged],
    ['at-temporal', world.started],
    ['verification-recorded', world.counted],
    ['user-with-code', world.coded],
    ['account-on-pds', world.account],
    ['signup-completed', world.completed],
  ]
  for (const [name, look] of way) if ((await steps.until(name, look)) === null) return
}

/** Everywhere, however far it came; each of these is tried whatever became of the one before. */
async function remove(steps: ProbeSteps, world: World): Promise<void> {
  await steps.until('deleted-at-provider', world.removed)
  await steps.until('deleted-everywhere', world.deleted)
  await steps.until('nothing-left', world.gone)
}

/** Where the steps of one probe can be seen. */
function outside(context: CheckContext, { tenant, identity, userId }: Probed) {
  const caller = context.auth0(tenant)
  const provider = createAuth0Probe(caller)
  const log = createAuth0Setup(caller)
  const { client } = context.temporal()
  const { db } = context.mongo()
  const hash = createIdHash(context.section('keys').id)
  const pds = createPds(context.section('pds'))
  const workflowId = createSignups(client, hash).idOf({ tenant, identity })
  const users = db.collection<UserDocument>('users')
  const verifications = db.collection<VerificationDocument>('verifications')
  let opened = false
  let handle: string | null = null
  let deletionId: string | null = null

  return {
    async verified(): Promise<string | null> {
      if (!opened) await provider.verify(userId)
      opened = true
      return (await provider.isVerified(userId)) ? 'its verification link was opened' : null
    },
    async logged(): Promise<string | null> {
      const entry = await log.newestEntry(`user_id:"${userId}" AND type:sv`)
      return entry === null ? null : `${entry.type} at ${entry.at.toISOString()}`
    },
    async started(): Promise<string | null> {
      return (await runState(client, workflowId)) === null ? null : workflowId
    },
    async counted(): Promise<string | null> {
      const found = await verifications.findOne({ _id: identity })
      return (found?.count ?? 0) > 0 ? `count ${found?.count}` : null
    },
    async coded(): Promise<string | null> {
      return (await users.findOne({ _id: identity }))?.code ?? null
    },
    async account(): Promise<string | null> {
      const { did, handle: stored } = (await users.findOne({ _id: identity }))?.atproto ?? {}
      if (did === undefined || stored === undefined) return null
      handle = stored
      return (await pds.accountByHandle(stored))?.did === did ? `${stored}, ${did}` : null
    },
    async completed(): Promise<string | null> {
      return (await runState(client, workflowId)) === 'COMPLETED' ? 'its workflow has ended' : null
    },
    async removed(): Promise<string | null> {
      await provider.remove(userId)
      return 'the user is deleted'
    },
    async deleted(): Promise<string | null> {
      // The provider's own event may have started it already: then this joins it.
      deletionId ??= (await createDeletions(client, hash).start({ tenant, identity })).workflowId
      return (await runState(client, deletionId)) === 'COMPLETED' ? deletionId : null
    },
    async gone(): Promise<string | null> {
      const records = [await users.findOne({ _id: identity }), await verifications.findOne({ _id: identity })]
      if (records.some((record) => record !== null)) return null
      return handle === null || (await pds.accountByHandle(handle)) === null ? 'no record, no account' : null
    },
  }
}

/** How a workflow stands; null where there is none. */
async function runState(client: Client, workflowId: string): Promise<string | null> {
  try {
    return (await inTime(client, () => client.workflow.getHandle(workflowId).describe())).status.name
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
