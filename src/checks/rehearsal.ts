import { randomBytes } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/common'
import type { AtprotoDeps } from '../activities/atproto-deps.ts'
import { createAtprotoActivities, type AtprotoActivities } from '../activities/atproto.ts'
import { createRecordSteps, type RecordSteps } from '../activities/atproto-records.ts'
import { inSession } from '../adapters/mongo/in-session.ts'
import { rolledBack } from '../adapters/mongo/rolled-back.ts'
import { createMongoSetup } from '../adapters/mongo/setup.ts'
import type { CodeGuard } from '../adapters/mongo/code-index.ts'
import type { RehearsalStep } from '../contracts/checks.ts'
import { withoutPersonal } from '../contracts/personal.ts'
import { probeUserId } from '../domain/probe.ts'
import { readDelivery } from '../intake/read-delivery.ts'
import { readEvent } from '../intake/read-event.ts'
import { sameSecret } from '../http/secret.ts'
import { connectAtproto } from '../worker/deps.ts'
import type { CheckContext } from './context.ts'

/** A code that somebody has ends the transaction, and the whole rehearsal is played again. */
const TRIES = 4

/**
 * Plays a signup and a verification through the code that takes real ones: the token check, the parser, the steps on
 * the database. All of it for an identity that nobody has, in a transaction that is rolled back. No account is made.
 */
export async function rehearse(context: CheckContext, tenant: string): Promise<RehearsalStep[]> {
  const steps: RehearsalStep[] = []
  const step = async <T>(name: string, run: () => Promise<[T, string]>): Promise<T> => {
    const began = performance.now()
    const note = (ok: boolean, seen: string): void => {
      steps.push({ name, ok, ms: Math.round(performance.now() - began), seen: withoutPersonal(seen) })
    }
    try {
      const [result, seen] = await run()
      note(true, seen)
      return result
    } catch (error) {
      note(false, said(error))
      throw error
    }
  }
  try {
    await play(context, tenant, step)
  } catch (error) {
    if (steps.every(({ ok }) => ok)) steps.push({ name: 'rehearsal', ok: false, ms: 0, seen: said(error) })
  }
  return steps
}

type Step = <T>(name: string, run: () => Promise<[T, string]>) => Promise<T>

async function play(context: CheckContext, tenant: string, step: Step): Promise<void> {
  const { logToken, idPrefix } = context.tenant(tenant)
  const userId = `auth0|${probeUserId(randomBytes(6).toString('hex'))}`
  const identity = idPrefix + userId

  await step('token-check', async () => {
    const fits =
      sameSecret(logToken, logToken) &&
      !sameSecret(`${logToken}.`, logToken) &&
      !sameSecret(undefined, logToken)
    if (!fits) throw new Error('it does not tell our token from another')
    return [null, 'takes our token, refuses another and none']
  })
  const signedUpAt = await step('ss-and-sv-read', async () => [readBoth(userId), 'both events read'])
  const guard = await step('code-index', () => lookAtIndex(context))
  await playSteps(
    context,
    { identity, email: `${userId.slice('auth0|'.length)}@example.com`, signedUpAt, guard },
    step,
  )
  await step('nothing-left', async () => {
    const { db } = context.mongo()
    const found = await Promise.all(
      ['verifications', 'users', 'holdfast_verifications', 'holdfast_intents'].map((name) =>
        db.collection<{ _id: string }>(name).countDocuments({ _id: identity }),
      ),
    )
    if (found.some((count) => count > 0)) throw new Error(`something of ${identity} is left`)
    return [null, 'all of it was rolled back']
  })
}

interface Played {
  readonly identity: string
  readonly email: string
  readonly signedUpAt: string
  readonly guard: CodeGuard
}

/** The signup's own activities, on its own adapters; only Auth0 is not asked, which does not know the identity. */
async function playSteps(context: CheckContext, played: Played, step: Step): Promise<void> {
  const { identity, signedUpAt } = played
  const config = {
    temporal: context.section('temporal'),
    // What is rolled back is written by nobody, so an observer may play it too.
    mode: null,
    mongo: context.section('mongo'),
    tenants: context.section('tenants'),
    pds: context.section('pds'),
    keys: context.section('keys'),
    signup: context.section('signup'),
    quarantine: context.section('quarantine'),
    build: context.section('build'),
    alerts: { url: null },
  }
  const real = context.mongo()
  const run = (): Promise<{ code: string }> =>
    rolledBack(real.client, async (session) => {
      const { deps, close } = connectAtproto(config, inSession(real.db, session))
      const person = { email: played.email, emailVerified: true, createdAt: new Date(signedUpAt) }
      const inside: AtprotoDeps = {
        ...deps,
        tenantOf: (id) => {
          const tenant = deps.tenantOf(id)
          return { ...tenant, auth0: { ...tenant.auth0, person: async () => person } }
        },
      }
      try {
        return await signUp(createRecordSteps(inside), createAtprotoActivities(inside), played, step)
      } finally {
        await close()
      }
    })
  const { code } = await retried(run)
  await step('code-and-user', async () => [null, `${code} for ${identity}`])
}

async function signUp(
  records: RecordSteps,
  { lookAtPerson }: Pick<AtprotoActivities, 'lookAtPerson'>,
  { identity, signedUpAt, guard }: Played,
  step: Step,
): Promise<{ code: string }> {
  await step('ss-verification-recorded', async () => {
    const { count } = await records.verification({ identity })
    return [null, `count ${count}`]
  })
  const made = await records.user({ identity, signedUpAt, guard })
  await step('sv-looked-at', async () => {
    const { verified } = await lookAtPerson({ identity })
    if (!verified) throw new Error('a verified person was not seen as one')
    return [null, 'verified, counted, the account prepared']
  })
  return made
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run()
    } catch (error) {
      const taken = error instanceof ApplicationFailure && error.type === 'mongo-unreachable'
      if (!taken || tries === TRIES) throw error
    }
  }
}

/** How codes are kept apart now; looked at, not changed. */
async function lookAtIndex(context: CheckContext): Promise<[CodeGuard, string]> {
  const { client, db } = context.mongo()
  const found = await createMongoSetup(client, db).codeIndex()
  if (found.state === 'equivalent') return [{ by: 'index' }, `${found.name} keeps codes apart`]
  const lacking = found.state === 'missing' ? {} : { index: found.name, lacks: found.lacks }
  return [{ by: 'reservation', lacking }, `${found.state}: reservations of our own keep codes apart`]
}

/** The time of the signup, as the parser read it from a delivery of both events. */
function readBoth(userId: string): string {
  const date = new Date().toISOString()
  const entries = ['ss', 'sv'].map((type) => ({
    log_id: randomBytes(12).toString('hex'),
    data: { type, date, user_id: userId },
  }))
  const body = new TextEncoder().encode(entries.map((entry) => JSON.stringify(entry)).join('\n'))
  const read = readDelivery(body.buffer).map((entry) => ('value' in entry ? readEvent(entry.value) : null))
  const kinds = read.map((event) =>
    event?.is === 'event' && event.userId === userId ? event.kind : 'unread',
  )
  if (kinds.join() !== 'signed-up,email-verified') throw new Error(`they were read as ${kinds.join(', ')}`)
  return date
}

function said(error: unknown): string {
  if (error instanceof ApplicationFailure) return `${error.type ?? 'failed'}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
