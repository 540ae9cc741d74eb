import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import { discardLeftOverIntents } from '../src/activities/atproto/audit/left-over-intents.ts'
import { createRunningSignups } from '../src/client/running-signups.ts'
import { createIntents } from '../src/state/mongo/atproto/intents.ts'
import { retry } from '../src/contracts/messages.ts'
import { findViolations, areComplete } from './check.ts'
import type { Testbed } from './testbed.ts'
import { addressOf, isVerified, type Person } from './people.ts'
import { needsCatchUp, TENANTS, type Plan } from './plan.ts'

const LOOK_MS = 150
/**
 * Waits are shortened here: a workflow that waits for its next round of attempts gets a retry signal at this interval.
 */
const CATCH_UP_MS = 10_000
const RETRY_MS = 2_000
/**
 * The time allowed since the last fault. Temporal gives the activity of a worker that died to another within seconds; a
 * deletion waits for calls that may be in flight.
 */
const PATIENCE_MS = 600_000

/**
 * Lifts all faults, including those that the plan still causes meanwhile, and waits. Returns as soon as all is correct,
 * otherwise with the violations that remain after the time allowed.
 */
export async function quiesce(testbed: Testbed, people: readonly Person[], plan: Plan): Promise<string[]> {
  const withCatchUp = needsCatchUp(plan)
  const slowed = people.filter(({ index }) => isSlowed(plan, index))
  const began = Date.now()
  let healAt = began
  for (;;) {
    const heals = Date.now() >= healAt
    if (heals) await testbed.outages.recover()
    if (heals) healAt = Date.now() + RETRY_MS
    const late = Date.now() > Math.max(began, testbed.director.lastStruck()) + PATIENCE_MS
    const complaints = await check(testbed, people, { heals, late, withCatchUp, slowed })
    if (complaints.length === 0) break
    if (late) return complaints
    await sleep(LOOK_MS)
  }
  for (const person of people) {
    const address = addressOf(person.addresses)
    if (!person.deleted && isVerified(person) && !person.surelyCounted.includes(address))
      person.surelyCounted.push(address)
  }
  return []
}

/**
 * The other stores are queried only once the records look right, or when it is `late` and all violations are to be
 * reported.
 */
async function check(
  testbed: Testbed,
  people: readonly Person[],
  {
    heals,
    late,
    withCatchUp,
    slowed,
  }: { heals: boolean; late: boolean; withCatchUp: boolean; slowed: readonly Person[] },
): Promise<string[]> {
  try {
    if (heals) await releaseAndRetry(testbed)
    if (heals && withCatchUp) await catchUp(testbed)
    if (heals && slowed.length > 0) await discardLeftOver(testbed, slowed)
    if (!late && !(await areComplete(testbed, people))) return ['not everybody has arrived']
    return await findViolations(testbed, people)
  } catch (error) {
    // A fault may occur in a store while it is queried.
    return [`a store could not be asked: ${String(error)}`]
  }
}

/** Whether MongoDB is slow for a step of this person: only then may an intent be stored too late. */
function isSlowed({ faults }: Plan, index: number): boolean {
  return faults.some(({ at, what }) => at.who === index && what === 'mongo is slow here')
}

/** Does what the hourly audit does with intents that a slow database stored too late. */
async function discardLeftOver(testbed: Testbed, people: readonly Person[]): Promise<void> {
  const tenants = new Map(people.map(({ identity, tenant }) => [identity, { name: tenant }]))
  await discardLeftOverIntents(
    {
      intents: createIntents(testbed.db, testbed.keyring),
      running: createRunningSignups(testbed.temporal, 'atproto'),
      signups: testbed.signups,
      ownerOf: (identity) => tenants.get(identity) ?? null,
    },
    { olderThanMs: 0 },
  )
}

/** Releases what the streams held back, and retries everything that has a problem. */
async function releaseAndRetry(testbed: Testbed): Promise<void> {
  const tenants = Object.values(testbed.tenants)
  for (const tenant of tenants) tenant.faults.clear()
  const pending = (): boolean =>
    tenants.some((tenant) => tenant.streams().some(({ id }) => (tenant.streamHealth(id)?.pending ?? 0) > 0))
  while (pending()) await sleep(LOOK_MS)
  await retryBlocked(testbed)
}

/** Runs the catch-up as its schedule does every few minutes. A long one is joined the next time. */
async function catchUp({ catchUps, temporal }: Testbed): Promise<void> {
  const until = Date.now() + CATCH_UP_MS
  for (const tenant of TENANTS) {
    const { workflowId } = await catchUps.start(tenant)
    for (;;) {
      const { ended, progress } = await catchUps.progress(workflowId)
      if (ended || Date.now() > until) break
      if (progress.problem !== null) await temporal.workflow.getHandle(workflowId).signal(retry)
      await sleep(LOOK_MS)
    }
  }
}

/**
 * Retries everything that is blocked (signups, deletions, handles), as `watch` does when a dependency is available
 * again. Only workflows with a problem get the signal: a retry also looks at the provider again, and would hide that an
 * event was lost.
 */
async function retryBlocked({ temporal }: Testbed): Promise<void> {
  const query = "SignupProblem IS NOT NULL AND ExecutionStatus = 'Running'"
  for await (const { workflowId } of temporal.workflow.list({ query })) {
    try {
      await temporal.workflow.getHandle(workflowId).signal(retry)
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error // it continued by itself meanwhile
    }
  }
}
