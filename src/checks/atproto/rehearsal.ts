import { codeIndexText } from '../../contracts/atproto/code-index.ts'
import { randomBytes } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/common'
import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import { NO_COUNTS } from '../../activities/lib/signup-counts.ts'
import { createSignupActivities, type SignupActivities } from '../../activities/atproto/signup/activities.ts'
import { createRecordSteps, type RecordSteps } from '../../activities/atproto/signup/records.ts'
import { inSession } from '../../adapters/mongo/lib/in-session.ts'
import { withRollback } from '../../adapters/mongo/lib/rollback.ts'
import { createMongoSetup } from '../../adapters/mongo/setup.ts'
import type { CodeUniqueness } from '../../adapters/mongo/code-index.ts'
import type { RehearsalStep } from '../../contracts/checks.ts'
import { readAlerts } from '../../config/alerts.ts'
import { withoutPersonal } from '../../contracts/personal.ts'
import { probeUserId } from '../../domain/atproto/probe.ts'
import { readDelivery } from '../../intake/read-delivery.ts'
import { createEventReader } from '../../intake/atproto/read-event.ts'
import { readEntry } from '../../intake/read-news.ts'
import { sameSecret } from '../../http/secret.ts'
import { createLogger } from '../../logging.ts'
import { connectAtproto } from '../../worker/atproto/deps.ts'
import { connectWorker } from '../../worker/connections.ts'
import { openMongoState } from '../../state/mongo/open.ts'
import type { AtprotoCheckContext } from './context.ts'

/** A code that is taken aborts the transaction, and the whole rehearsal is repeated. */
const TRIES = 4

/**
 * Plays a signup and a verification through the production code: the token check, the parser, the steps on the
 * database. It uses an identity that does not exist, in a transaction that is rolled back. No account is created.
 */
export async function rehearse(context: AtprotoCheckContext, tenant: string): Promise<RehearsalStep[]> {
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
    await runSteps(context, tenant, step)
  } catch (error) {
    if (steps.every(({ ok }) => ok)) steps.push({ name: 'rehearsal', ok: false, ms: 0, seen: said(error) })
  }
  return steps
}

type Step = <T>(name: string, run: () => Promise<[T, string]>) => Promise<T>

async function runSteps(context: AtprotoCheckContext, tenant: string, step: Step): Promise<void> {
  const { logTokens, idPrefix } = context.tenant(tenant)
  const [logToken] = logTokens
  const userId = `auth0|${probeUserId(randomBytes(6).toString('hex'))}`
  const identity = idPrefix + userId

  await step('token-check', async () => {
    const fits =
      sameSecret(logToken, logToken) &&
      !sameSecret(`${logToken}.`, logToken) &&
      !sameSecret(undefined, logToken)
    if (!fits) throw new Error('it does not distinguish the configured token from another')
    return [null, 'accepts the configured token, refuses a wrong and a missing one']
  })
  const signedUpAt = await step('ss-and-sv-read', async () => [await readBoth(userId), 'both events read'])
  const guard = await step('code-index', () => assessIndex(context))
  await runDatabaseSteps(
    context,
    { identity, email: `${userId.slice('auth0|'.length)}@example.com`, signedUpAt, uniqueness: guard },
    step,
  )
  await step('nothing-left', async () => {
    const { db } = await context.mongo()
    const found = await Promise.all(
      ['verifications', 'users', 'holdfast_verifications', 'holdfast_intents'].map((name) =>
        db.collection<{ _id: string }>(name).countDocuments({ _id: identity }),
      ),
    )
    if (found.some((count) => count > 0)) throw new Error(`records of ${identity} are left`)
    return [null, 'everything was rolled back']
  })
}

interface RehearsedPerson {
  readonly identity: string
  readonly email: string
  readonly signedUpAt: string
  readonly uniqueness: CodeUniqueness
}

/** The signup's own activities, on its own adapters; only Auth0 is not called, since it does not know the identity. */
async function runDatabaseSteps(
  context: AtprotoCheckContext,
  played: RehearsedPerson,
  step: Step,
): Promise<void> {
  const { identity, signedUpAt } = played
  const config = {
    temporal: context.section('temporal'),
    // A rolled-back write is never stored, so the rehearsal is allowed in observe mode too.
    mode: null,
    tenants: context.section('tenants'),
    pds: context.section('pds'),
    keys: context.section('keys'),
    signup: context.section('signup'),
    quarantine: context.section('quarantine'),
    deletions: context.section('deletions'),
    build: context.section('build'),
    alerts: readAlerts({}),
    docs: context.section('docs'),
  }
  const real = await context.mongo()
  const logger = createLogger('check')
  const run = (): Promise<{ code: string }> =>
    withRollback(real.client, async (session) => {
      const opened = openMongoState('atproto', inSession(real.db, session))
      const connections = connectWorker({ system: 'atproto', config, logger, opened })
      const { deps, flush } = connectAtproto(config, connections)
      const person = { email: played.email, emailVerified: true, createdAt: new Date(signedUpAt) }
      const inside: AtprotoDeps = {
        ...deps,
        signupCounts: NO_COUNTS,
        tenantOf: (id) => {
          const tenant = deps.tenantOf(id)
          return { ...tenant, auth0: { ...tenant.auth0, person: async () => person } }
        },
      }
      try {
        return await signUp(createRecordSteps(inside), createSignupActivities(inside), played, step)
      } finally {
        await flush()
        await connections.close()
      }
    })
  const { code } = await retried(run)
  await step('code-and-user', async () => [null, `${code} for ${identity}`])
}

async function signUp(
  records: RecordSteps,
  { checkVerification }: Pick<SignupActivities, 'checkVerification'>,
  { identity, signedUpAt, uniqueness }: RehearsedPerson,
  step: Step,
): Promise<{ code: string }> {
  await step('ss-verification-recorded', async () => {
    const { count } = await records.verification({ identity })
    return [null, `count ${count}`]
  })
  const made = await records.user({ identity, signedUpAt, guard: uniqueness })
  await step('sv-looked-at', async () => {
    const { verified } = await checkVerification({ identity })
    if (!verified) throw new Error('a verified person was not recognized as verified')
    return [null, 'verified, counted, account prepared']
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

/** The way in which codes are kept apart now; it is read, not changed. */
async function assessIndex(context: AtprotoCheckContext): Promise<[CodeUniqueness, string]> {
  const { client, db } = await context.mongo()
  const found = await createMongoSetup(client, db).codeIndex()
  if (found.state === 'equivalent') return [{ by: 'index' }, `${found.name} keeps codes unique`]
  // Runs in a transaction that is rolled back and in which no index can be created: as a signup runs without one.
  const lacking = found.state === 'missing' ? ({ fault: 'refused' } as const) : found.detail
  const seen =
    found.state === 'missing'
      ? 'the next signup creates the index'
      : codeIndexText(found.detail, 'atproto').sentence
  return [{ by: 'reservation', lacking }, seen]
}

/** The time of the signup, as the parser read it from a delivery of both events. */
async function readBoth(userId: string): Promise<string> {
  const date = new Date().toISOString()
  const entries = ['ss', 'sv'].map((type) => ({
    log_id: randomBytes(12).toString('hex'),
    data: { type, date, user_id: userId },
  }))
  const body = new TextEncoder().encode(entries.map((entry) => JSON.stringify(entry)).join('\n'))
  const tenant = { name: 'rehearsal', idPrefix: '' }
  const read = createEventReader([tenant])
  const kinds = (await readDelivery(body)).map((entry) => {
    const event = readEntry(entry, tenant.name, read)
    return event.is === 'event' && event.identity === userId ? event.kind : 'unread'
  })
  if (kinds.join() !== 'signed-up,email-verified') throw new Error(`they were read as ${kinds.join(', ')}`)
  return date
}

function said(error: unknown): string {
  if (error instanceof ApplicationFailure) return `${error.type ?? 'failed'}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
