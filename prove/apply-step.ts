import { setTimeout as sleep } from 'node:timers/promises'
import type { Auth0StandIn } from '../dev/servers/auth0/server.ts'
import { taggedHandle } from './handles.ts'
import type { Testbed } from './testbed.ts'
import { hostileId } from './ids.ts'
import { loseRecord, restoreUsers } from './lose-records.ts'
import { addressOf, recordChosenHandle, isVerified, type Person, type Round } from './people.ts'
import type { PersonPlan, Plan, Step } from './plan.ts'

/**
 * The delay of a delayed event in milliseconds: it arrives after the events that follow it, but before any check gives
 * up.
 */
const LATE_MS = 600
/** A fault that occurs does so within this time; many never do, since their call is never made. */
const FAULT_MS = 4_000
const LOOK_MS = 20
const MOST_TRIES = 20
const TRY_AGAIN_MS = 500

/** Signs the person up unless they have signed up already. */
export function ensureSignedUp(testbed: Testbed, round: Round, who: number): Person {
  const known = round.people.get(who)
  if (known !== undefined) return known
  const tenant = round.plan.people[who]?.tenant ?? 'aesthetic'
  const auth0 = testbed.tenants[tenant]
  const email = addressFor(testbed, round, firstAddress(round.plan, who))
  const via = round.plan.people[who]?.via ?? 'form'
  const userId = createAtAuth0(
    auth0,
    via,
    email,
    hostileId(round.plan.people[who]?.address ?? 0, `${round.tag}-${who}`),
  )
  const identity = tenant === 'aesthetic' ? userId : `${tenant}-${userId}`
  const person: Person = {
    index: who,
    tenant,
    auth0,
    userId,
    identity,
    workflowId: testbed.signups.workflowIdOf({ tenant, identity }),
    workflowIds: testbed.workflowIds({ tenant, identity }),
    addresses: [email],
    verified: auth0.user(userId)?.email_verified === true ? [email] : [],
    surelyCounted: [],
    labels: [],
    deleted: false,
    mustKeep: {},
  }
  round.people.set(who, person)
  return person
}

function createAtAuth0(auth0: Auth0StandIn, via: PersonPlan['via'], email: string, hostile: string): string {
  if (via === 'form') return auth0.signUp({ email })
  if (via === 'federated') return auth0.createUser({ via: 'social', email, id: email })
  if (via === 'hostile id') return auth0.createUser({ via: 'social', provider: 'samlp', email, id: hostile })
  return auth0.createUser({ via, email })
}

/** Late events may concern a deleted person. */
function personNamed(testbed: Testbed, round: Round, who: number): Person {
  return round.deleted.findLast(({ index }) => index === who) ?? ensureSignedUp(testbed, round, who)
}

/** Applies one step of the story; a step that makes no sense for the person's present state is skipped. */
export async function applyStep(
  testbed: Testbed,
  round: Round,
  step: Exclude<Step, { does: 'quiesce' }>,
): Promise<void> {
  switch (step.does) {
    case 'verify': {
      const person = ensureSignedUp(testbed, round, step.who)
      if (isVerified(person)) return
      person.auth0.verifyEmail(person.userId)
      person.verified.push(addressOf(person.addresses))
      return
    }
    case 'verify silently': {
      const person = ensureSignedUp(testbed, round, step.who)
      if (isVerified(person)) return
      person.auth0.setEmailVerified(person.userId, true)
      person.verified.push(addressOf(person.addresses))
      return
    }
    case 'change address': {
      const person = ensureSignedUp(testbed, round, step.who)
      const email = addressFor(testbed, round, `${step.who}-${person.addresses.length}`)
      person.auth0.changeEmail(person.userId, email)
      person.addresses.push(email)
      return
    }
    case 'choose handle': {
      const person = ensureSignedUp(testbed, round, step.who)
      recordChosenHandle(person, step.handle, round.tag)
      await handlesOf(testbed).updateOne(
        { _id: person.identity },
        { $set: { handle: taggedHandle(step.handle, round.tag) } },
        { upsert: true },
      )
      return
    }
    case 'remove handle': {
      const person = ensureSignedUp(testbed, round, step.who)
      person.labels.push(null)
      await handlesOf(testbed).deleteOne({ _id: person.identity })
      return
    }
    case 'delete': {
      const person = ensureSignedUp(testbed, round, step.who)
      person.auth0.deleteUser(person.userId)
      person.deleted = true
      round.people.delete(step.who)
      round.deleted.push(person)
      await nextMillisecond()
      if (step.by === 'command') await retryWhileAway(() => testbed.deletions.start(person))
      return
    }
    case 'report again':
      return reportAgain(testbed, personNamed(testbed, round, step.who), step.code)
    case 'disturb stream': {
      const { faults } = testbed.tenants[step.tenant]
      if (step.how === 'duplicate apart') faults.set({ duplicate: { count: step.count, apart: true } })
      else if (step.how === 'delay') faults.set({ delay: { count: step.count, ms: LATE_MS } })
      else faults.set({ [step.how]: { count: step.count } })
      return
    }
    case 'lose record': {
      const person = round.people.get(step.who)
      if (person !== undefined) await retryWhileAway(() => loseRecord(testbed, person, step.what))
      return
    }
    case 'restore users':
      await retryWhileAway(() => restoreUsers(testbed, round))
      return
    case 'await fault': {
      const pending = testbed.director.pending()
      const until = Date.now() + FAULT_MS
      while (pending > 0 && testbed.director.pending() === pending && Date.now() < until) await sleep(LOOK_MS)
      return
    }
    case 'outage':
      await testbed.strike(step.what)
      return
    case 'pause':
      await sleep(step.ms)
  }
}

/**
 * Ends in a later millisecond. The dates of events are no finer, and no provider deletes a person and creates them again
 * within one.
 */
async function nextMillisecond(): Promise<void> {
  const now = Date.now()
  while (Date.now() <= now) await sleep(1)
}

const handlesOf = ({ db }: Testbed) => db.collection<{ _id: string; handle: string }>('@handles')

/** Repeats a command as an operator does while Temporal is unavailable. */
async function retryWhileAway(command: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await command()
      return
    } catch (error) {
      if (attempt === MOST_TRIES) throw error
      await sleep(TRY_AGAIN_MS)
    }
  }
}

/**
 * Delivers an earlier event again, outside the stream's own order and retries. It does not matter whether it is
 * accepted.
 */
async function reportAgain(testbed: Testbed, person: Person, code: string): Promise<void> {
  const log = person.auth0.logs().findLast((one) => one.user_id === person.userId && one.type === code)
  if (log === undefined) return
  await fetch(`${testbed.env['HOLDFAST_URL']}/webhooks/auth0/${person.tenant}`, {
    method: 'POST',
    headers: { authorization: testbed.env[`AUTH0_${person.tenant.toUpperCase()}_LOG_TOKEN`] ?? '' },
    body: JSON.stringify({ log_id: log.log_id, data: log }),
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null)
}

/** Within one tenant no two people have the same address. */
function firstAddress({ people }: Plan, who: number): string {
  const own = people[who]
  const taken = people
    .slice(0, who)
    .some(({ tenant, address }) => tenant === own?.tenant && address === own.address)
  return taken ? `${who}-0` : `shared-${own?.address}`
}

function addressFor({ canary }: Testbed, { tag }: Round, name: string): string {
  return `${canary}-${tag}-${name}@example.com`
}
