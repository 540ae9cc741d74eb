import { setTimeout as sleep } from 'node:timers/promises'
import type { Auth0StandIn } from '../src/embedded/auth0/server.ts'
import { taggedHandle } from './handles.ts'
import type { Ground } from './ground.ts'
import { addressOf, chooses, isVerified, type Person } from './people.ts'
import type { PersonPlan, Plan, Step } from './plan.ts'

/** How late a delayed event comes, in milliseconds: after what follows it, before anybody's patience ends. */
const LATE_MS = 600
/** A fault that is going to strike does so within this time; many never do, since their call is never made. */
const FAULT_MS = 4_000
const LOOK_MS = 20
const MOST_TRIES = 20
const TRY_AGAIN_MS = 500

/** One round under way: who has signed up so far, by their number in the plan. */
export interface Round {
  readonly plan: Plan
  /** Tells this round's handles and addresses from those of others on the same ground. */
  readonly tag: string
  readonly people: Map<number, Person>
  /** Who was deleted. */
  readonly gone: Person[]
}

/** Signs up whoever has not yet. */
export function present(ground: Ground, round: Round, who: number): Person {
  const known = round.people.get(who)
  if (known !== undefined) return known
  const tenant = round.plan.people[who]?.tenant ?? 'aesthetic'
  const auth0 = ground.tenants[tenant]
  const email = addressFor(ground, round, firstAddress(round.plan, who))
  const via = round.plan.people[who]?.via ?? 'form'
  const userId = arrive(auth0, via, email)
  const identity = tenant === 'aesthetic' ? userId : `${tenant}-${userId}`
  const person: Person = {
    index: who,
    tenant,
    auth0,
    userId,
    identity,
    workflowId: ground.signups.idOf({ tenant, identity }),
    workflowIds: ground.workflowIds({ tenant, identity }),
    addresses: [email],
    verified: auth0.user(userId)?.email_verified === true ? [email] : [],
    settled: [],
    labels: [],
    deleted: false,
  }
  round.people.set(who, person)
  return person
}

function arrive(auth0: Auth0StandIn, via: PersonPlan['via'], email: string): string {
  if (via === 'form') return auth0.signUp({ email })
  if (via === 'federated') return auth0.createUser({ via: 'social', email, id: email })
  return auth0.createUser({ via, email })
}

/** Late news may be about somebody who is gone. */
function whoIs(ground: Ground, round: Round, who: number): Person {
  return round.gone.findLast(({ index }) => index === who) ?? present(ground, round, who)
}

/** Lets one step of the story happen; one that makes no sense for the person as they are now is passed over. */
export async function act(
  ground: Ground,
  round: Round,
  step: Exclude<Step, { does: 'settle' }>,
): Promise<void> {
  switch (step.does) {
    case 'verify': {
      const person = present(ground, round, step.who)
      if (isVerified(person)) return
      person.auth0.verifyEmail(person.userId)
      person.verified.push(addressOf(person.addresses))
      return
    }
    case 'verify silently': {
      const person = present(ground, round, step.who)
      if (isVerified(person)) return
      person.auth0.setEmailVerified(person.userId, true)
      person.verified.push(addressOf(person.addresses))
      return
    }
    case 'change address': {
      const person = present(ground, round, step.who)
      const email = addressFor(ground, round, `${step.who}-${person.addresses.length}`)
      person.auth0.changeEmail(person.userId, email)
      person.addresses.push(email)
      return
    }
    case 'choose handle': {
      const person = present(ground, round, step.who)
      chooses(person, step.handle, round.tag)
      await handlesOf(ground).updateOne(
        { _id: person.identity },
        { $set: { handle: taggedHandle(step.handle, round.tag) } },
        { upsert: true },
      )
      return
    }
    case 'remove handle': {
      const person = present(ground, round, step.who)
      person.labels.push(null)
      await handlesOf(ground).deleteOne({ _id: person.identity })
      return
    }
    case 'delete': {
      const person = present(ground, round, step.who)
      person.auth0.deleteUser(person.userId)
      person.deleted = true
      round.people.delete(step.who)
      round.gone.push(person)
      if (step.by === 'command') await insist(() => ground.deletions.start(person))
      return
    }
    case 'report again':
      return reportAgain(ground, whoIs(ground, round, step.who), step.code)
    case 'disturb stream': {
      const { faults } = ground.tenants[step.tenant]
      if (step.how === 'duplicate apart') faults.set({ duplicate: { count: step.count, apart: true } })
      else if (step.how === 'delay') faults.set({ delay: { count: step.count, ms: LATE_MS } })
      else faults.set({ [step.how]: { count: step.count } })
      return
    }
    case 'await fault': {
      const pending = ground.director.pending()
      const until = Date.now() + FAULT_MS
      while (pending > 0 && ground.director.pending() === pending && Date.now() < until) await sleep(LOOK_MS)
      return
    }
    case 'outage':
      await ground.outage(step.what)
      return
    case 'pause':
      await sleep(step.ms)
  }
}

const handlesOf = ({ db }: Ground) => db.collection<{ _id: string; handle: string }>('@handles')

/** As an operator does whose command finds Temporal away. */
async function insist(command: () => Promise<unknown>): Promise<void> {
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

/** An event that came before comes again, past the stream's own order and retries. Whether it is taken does not matter. */
async function reportAgain(ground: Ground, person: Person, code: string): Promise<void> {
  const log = person.auth0.logs().findLast((one) => one.user_id === person.userId && one.type === code)
  if (log === undefined) return
  await fetch(`${ground.env['HOLDFAST_URL']}/webhooks/auth0/${person.tenant}`, {
    method: 'POST',
    headers: { authorization: ground.env[`AUTH0_${person.tenant.toUpperCase()}_LOG_TOKEN`] ?? '' },
    body: JSON.stringify({ log_id: log.log_id, data: log }),
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null)
}

/** Within one tenant nobody has another's. */
function firstAddress({ people }: Plan, who: number): string {
  const own = people[who]
  const taken = people
    .slice(0, who)
    .some(({ tenant, address }) => tenant === own?.tenant && address === own.address)
  return taken ? `${who}-0` : `shared-${own?.address}`
}

function addressFor({ canary }: Ground, { tag }: Round, name: string): string {
  return `${canary}-${tag}-${name}@example.com`
}
