import { randomBytes } from 'node:crypto'
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { createAuth0Probe } from '../../adapters/auth0/probe.ts'
import { createAuth0Setup } from '../../adapters/auth0/setup.ts'
import type { UserDocument, VerificationDocument } from '../../adapters/mongo/documents.ts'
import { createPds } from '../../adapters/pds/pds.ts'
import { createDeletions } from '../../client/deletions.ts'
import { createSignups } from '../../client/signups.ts'
import { withDeadline } from '../../client/temporal.ts'
import type { ProbeReport, ProbeStepName } from '../../contracts/checks.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { probeUserId } from '../../domain/atproto/probe.ts'
import type { AtprotoCheckContext } from './context.ts'
import type { ProbeOptions } from '../system-checks.ts'
import { removeAbandonedProbes } from './abandoned-probes.ts'
import { createProbeSteps, type ProbeSteps } from './probe-steps.ts'

const RANDOM_BYTES = 6
/** The limit for each step. A deletion may wait for an account creation that was in flight. */
const LIMIT_MS = 120_000

/**
 * Creates one marked identity at the provider, follows it through the real steps to its last record, and deletes it
 * everywhere, even if it got only half way. Identities left by an interrupted probe are deleted first. The probe's
 * records are left out of all figures (`isProbe`).
 */
export async function probe(context: AtprotoCheckContext, options: ProbeOptions): Promise<ProbeReport> {
  const { tenant, emailDomain, limitMs = LIMIT_MS, onStep = () => {} } = options
  const { idPrefix } = context.tenant(tenant)
  // An identity that could not be followed and deleted is never created: a missing configuration throws here, before.
  for (const needed of ['temporal', 'mongo', 'pds', 'keys'] as const) context.section(needed)
  await removeAbandonedProbes(context)
  const provider = createAuth0Probe(context.auth0(tenant))
  const steps = createProbeSteps(limitMs, onStep)
  const name = probeUserId(randomBytes(RANDOM_BYTES).toString('hex'))

  const userId = await steps.waitFor('made-at-provider', () => provider.make(name, `${name}@${emailDomain}`))
  const identity = `${idPrefix}${userId ?? `auth0|${name}`}`
  if (userId !== null) {
    const world = await createObserver(context, { tenant, identity, userId })
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

type Observer = Awaited<ReturnType<typeof createObserver>>

/**
 * In sequence, each step is looked up where it leaves its record. The first one that does not appear ends the probe.
 */
async function follow(steps: ProbeSteps, world: Observer): Promise<void> {
  const way: [ProbeStepName, () => Promise<string | null>][] = [
    ['verified-at-provider', world.verified],
    ['in-provider-log', world.logged],
    ['at-temporal', world.started],
    ['verification-recorded', world.counted],
    ['user-with-code', world.coded],
    ['account-on-pds', world.account],
    ['signup-completed', world.completed],
  ]
  for (const [name, look] of way) if ((await steps.waitFor(name, look)) === null) return
}

/**
 * Deletes the identity everywhere, however far it got; each deletion is tried whether or not the one before succeeded.
 */
async function remove(steps: ProbeSteps, world: Observer): Promise<void> {
  await steps.waitFor('deleted-at-provider', world.removed)
  await steps.waitFor('deleted-everywhere', world.deleted)
  await steps.waitFor('nothing-left', world.gone)
}

/** Queries the places where the steps of one probe leave their records. */
async function createObserver(context: AtprotoCheckContext, { tenant, identity, userId }: Probed) {
  const caller = context.auth0(tenant)
  const provider = createAuth0Probe(caller)
  const log = createAuth0Setup(caller)
  const { client } = context.temporal()
  const { db } = await context.mongo()
  const hash = createIdHash(context.section('keys').id)
  const pds = createPds(context.section('pds'))
  const workflowId = createSignups(client, context.system, hash).workflowIdOf({ tenant, identity })
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
      // The provider's own event may have started the deletion already: then this joins it.
      deletionId ??= (
        await createDeletions(client, context.system, hash).start({ tenant, identity }, { by: 'command' })
      ).workflowId
      return (await runState(client, deletionId)) === 'COMPLETED' ? deletionId : null
    },
    async gone(): Promise<string | null> {
      const records = [await users.findOne({ _id: identity }), await verifications.findOne({ _id: identity })]
      if (records.some((record) => record !== null)) return null
      return handle === null || (await pds.accountByHandle(handle)) === null ? 'no record, no account' : null
    },
  }
}

/** The status of a workflow; null where there is none. */
async function runState(client: Client, workflowId: string): Promise<string | null> {
  try {
    return (await withDeadline(client, () => client.workflow.getHandle(workflowId).describe())).status.name
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null
    throw error
  }
}
