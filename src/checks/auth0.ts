import { Auth0ClientRefusedError } from '../adapters/auth0-call.ts'
import { createAuth0Setup } from '../adapters/auth0-setup.ts'
import { createCursors } from '../adapters/mongo/cursors.ts'
import { WorkflowNotFoundError } from '@temporalio/client'
import { createSignups } from '../client/signups.ts'
import { inTime } from '../client/temporal.ts'
import { createIdHash } from '../crypto/keyring.ts'
import { judgeScopes } from '../domain/auth0-scopes.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { logStreamFaults } from '../domain/log-stream.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { shellQuoted } from '../domain/shell.ts'
import type { Check, CheckResult } from './check.ts'
import type { CheckContext } from './context.ts'
import { orLoginRefused } from './login-refused.ts'
import { orTemporalRefused } from './temporal-refused.ts'

/** A delivery may take its time: an event younger than this is not called missed, in milliseconds. */
const ON_ITS_WAY_MS = 2 * 60_000
/** Temporal may have forgotten the signup of an older one. */
const REMEMBERED_MS = 24 * 3_600_000

/** The checks of one tenant. Each stands alone: a scope that lacks hides only what it would have shown. */
export function auth0Checks(context: CheckContext, tenant: string, { probe }: { probe: boolean }): Check[] {
  const check = (name: string, look: () => Promise<CheckResult>): Check => ({
    name: `auth0-${tenant}-${name}`,
    run: () => orRefused(tenant, look),
  })
  return [
    check('scopes', () => scopes(context, tenant, probe)),
    check('log-stream', () => logStream(context, tenant)),
    check('catch-up', () => orLoginRefused(() => readSoFar(context, tenant))),
    check('last-event', () => orTemporalRefused(context, () => lastEvent(context, tenant))),
  ]
}

async function scopes(context: CheckContext, tenant: string, probe: boolean): Promise<CheckResult> {
  const granted = (await context.auth0(tenant).token()).scopes
  const { missing, superfluous } = judgeScopes(granted, { probe })
  return {
    findings: missing.map((lacking) => checkFinding('auth0-scope-missing', { tenant, ...lacking })),
    notices:
      superfluous.length === 0
        ? []
        : [checkFinding('auth0-scope-superfluous', { tenant, scopes: superfluous.join(', ') })],
    facts: [`a token with ${granted.length} scopes`],
  }
}

async function logStream(context: CheckContext, tenant: string): Promise<CheckResult> {
  const { logToken } = context.tenant(tenant)
  const endpoint = `${context.section('url')}/webhooks/auth0/${tenant}`
  const streams = await createAuth0Setup(context.auth0(tenant)).logStreams()
  const faults = logStreamFaults(streams, { endpoint, token: logToken })
  return {
    findings: faults.map(({ name, detail }) => checkFinding(name, { ...detail, tenant })),
    facts: [`posts to ${endpoint}`],
  }
}

/** How far we have read the provider's log, whichever way its events came. */
async function readSoFar(context: CheckContext, tenant: string): Promise<CheckResult> {
  const { gap, lastEventAt, caughtUpAt } = await createCursors(context.mongo().db).load(tenant)
  return {
    findings: gap === null ? [] : [checkFinding('log-gap', { tenant, from: gap.from, to: gap.to })],
    facts: [
      lastEventAt === null ? 'no event read yet' : `last event read is of ${lastEventAt.toISOString()}`,
      caughtUpAt === null
        ? 'end of the log never reached'
        : `end of the log reached at ${caughtUpAt.toISOString()}`,
    ],
  }
}

/** The newest event in the provider's log; and whether the newest signup there is known here. */
async function lastEvent(context: CheckContext, tenant: string): Promise<CheckResult> {
  const setup = createAuth0Setup(context.auth0(tenant))
  const [last, signedUp] = await Promise.all([setup.newestEntry(), setup.newestEntry('type:ss')])
  const facts = [
    last === null ? 'nothing in the log' : `last event ${last.type} at ${last.at.toISOString()}`,
    ...(signedUp === null ? [] : [`last signup at ${signedUp.at.toISOString()}`]),
  ]
  if (signedUp === null || signedUp.userId === null) return { facts }
  const age = Date.now() - signedUp.at.getTime()
  if (age < ON_ITS_WAY_MS || age > REMEMBERED_MS) return { facts }
  const { idPrefix } = context.tenant(tenant)
  const identity = idPrefix + signedUp.userId
  if (await isKnown(context, tenant, identity)) return { facts }
  const at = signedUp.at.toISOString()
  return {
    facts,
    findings: [checkFinding('signup-not-seen', { tenant, at, identity: shellQuoted(identity) })],
  }
}

async function isKnown(context: CheckContext, tenant: string, identity: string): Promise<boolean> {
  const { client } = context.temporal()
  const hash = createIdHash(context.section('keys').id)
  const workflowId = createSignups(client, hash).idOf({ tenant, identity })
  try {
    await inTime(client, () => client.workflow.getHandle(workflowId).describe())
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

async function orRefused(tenant: string, look: () => Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof Auth0ClientRefusedError)
      return { findings: [checkFinding('auth0-client-refused', { tenant, answer: error.message })] }
    // The check of the scopes says which one lacks.
    if (error instanceof OutsideError && error.problem === 'auth0-denied')
      return { findings: [checkFinding('auth0-denied', error.detail)] }
    throw error
  }
}
