import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import { retry } from '../src/contracts/messages.ts'
import { complaintsAbout, haveArrived } from './check.ts'
import type { Ground } from './ground.ts'
import { addressOf, isVerified, type Person } from './people.ts'
import { TENANTS } from './plan.ts'

const LOOK_MS = 150
/** Time passes faster here: who waits for the next round of attempts is told to try at once, this often. */
const CATCH_UP_MS = 10_000
const RETRY_MS = 2_000
/** Since the last fault. A step in the hands of a worker that died is given to another within seconds; a deletion waits
 * for calls that may be under way. */
const PATIENCE_MS = 240_000

/**
 * The world heals, whatever the plan still lets happen to it meanwhile, and time passes. Returns what is not as it
 * must be once everybody had all the time they need; returns at once when all is well.
 */
export async function settle(
  ground: Ground,
  people: readonly Person[],
  withCatchUp: boolean,
): Promise<string[]> {
  const began = Date.now()
  let healAt = began
  for (;;) {
    const heals = Date.now() >= healAt
    if (heals) await ground.weather.clear()
    if (heals) healAt = Date.now() + RETRY_MS
    const late = Date.now() > Math.max(began, ground.director.lastStruck()) + PATIENCE_MS
    const complaints = await lookAt(ground, people, { heals, late, withCatchUp })
    if (complaints.length === 0) break
    if (late) return complaints
    await sleep(LOOK_MS)
  }
  for (const person of people) {
    const address = addressOf(person.addresses)
    if (!person.deleted && isVerified(person) && !person.settled.includes(address))
      person.settled.push(address)
  }
  return []
}

/** Until the records look right the other stores are not asked, unless it is `late` and all is to be told. */
async function lookAt(
  ground: Ground,
  people: readonly Person[],
  { heals, late, withCatchUp }: { heals: boolean; late: boolean; withCatchUp: boolean },
): Promise<string[]> {
  try {
    if (heals) await goOn(ground)
    if (heals && withCatchUp) await catchUp(ground)
    if (!late && !(await haveArrived(ground, people))) return ['not everybody has arrived']
    return await complaintsAbout(ground, people)
  } catch (error) {
    // A fault may strike a store while it is asked.
    return [`a store could not be asked: ${String(error)}`]
  }
}

/** What the streams held back comes through, and who has a problem is told to try again. */
async function goOn(ground: Ground): Promise<void> {
  const tenants = Object.values(ground.tenants)
  for (const tenant of tenants) tenant.faults.clear()
  const pending = (): boolean =>
    tenants.some((tenant) => tenant.streams().some(({ id }) => (tenant.streamHealth(id)?.pending ?? 0) > 0))
  while (pending()) await sleep(LOOK_MS)
  await retryWhoIsStuck(ground)
}

/** What the schedule does every few minutes. One that takes long is joined the next time. */
async function catchUp({ catchUps, temporal }: Ground): Promise<void> {
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
 * What `watch` does when a dependency is well again, to everything that waits for it: signups, deletions, handles. Only
 * what has a problem is told: a retry also looks again, and would hide that news was lost.
 */
async function retryWhoIsStuck({ temporal }: Ground): Promise<void> {
  const query = "SignupProblem IS NOT NULL AND ExecutionStatus = 'Running'"
  for await (const { workflowId } of temporal.workflow.list({ query })) {
    try {
      await temporal.workflow.getHandle(workflowId).signal(retry)
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error // it went on by itself meanwhile
    }
  }
}
