import { randomBytes } from 'node:crypto'
import { AtpAgent } from '@atproto/api'
import { expect } from 'vitest'
import { parseSignupWorkflowId } from '../../src/contracts/ids.ts'
import type { ProblemName } from '../../src/contracts/problems.ts'
import type { SignupStatus } from '../../src/contracts/signup.ts'
import type { Stage } from '../../src/contracts/stages.ts'
import { isSealed } from '../../src/crypto/keyring.ts'
import { eventually } from './eventually.ts'
import { collections, type World } from './world.ts'

export interface Person {
  readonly identity: string
  readonly email: string
}

export const address = (): string => `${randomBytes(6).toString('hex')}@example.com`

/** A label that no other test uses, fit for a PDS handle. */
export const label = (): string => `h${randomBytes(5).toString('hex')}`

/** A person who signed up at Auth0, by default at `aesthetic` and verified; with a chosen handle if one is given. */
export async function newPerson(
  world: World,
  {
    email = address(),
    verified = true,
    handle,
    tenant = 'aesthetic',
  }: { email?: string; verified?: boolean; handle?: string; tenant?: string } = {},
): Promise<Person> {
  const standIn = world.tenants.get(tenant)
  if (standIn === undefined) throw new Error(`this world has no tenant ${tenant}`)
  const prefix = standIn === world.auth0 ? '' : `${tenant}-`
  const identity = prefix + standIn.signUp({ email, verified })
  if (handle !== undefined) await collections(world.db).handles.insertOne({ _id: identity, handle })
  return { identity, email }
}

/** Starts the signup as the webhook does when both events of a verified person have come. */
export async function startSignup(
  world: World,
  { identity }: Person,
  signedUpAt = new Date().toISOString(),
): Promise<void> {
  await world.signups.notify({
    tenant: tenantOf(world, identity),
    identity,
    signedUpAt,
    hint: 'emailVerified',
  })
}

export async function retry(world: World, { identity }: Person): Promise<void> {
  await world.signups.notify({ tenant: tenantOf(world, identity), identity, hint: 'retry' })
}

function tenantOf(world: World, identity: string): string {
  return parseSignupWorkflowId(world.idOf(identity))?.tenant ?? 'aesthetic'
}

/** Waits until `holds` is true of the person's status. */
export async function waitForStatus(
  world: World,
  { identity }: Person,
  what: string,
  holds: (status: SignupStatus) => boolean,
  timeoutMs?: number,
): Promise<SignupStatus> {
  let last: SignupStatus | null = null
  const look = async (): Promise<SignupStatus | false> => {
    last = await world.reader.status(world.idOf(identity))
    return last !== null && holds(last) && last
  }
  try {
    return await eventually(what, look, timeoutMs)
  } catch (cause) {
    throw new Error(`never seen: ${what}; last status: ${JSON.stringify(last)}`, { cause })
  }
}

export const reaches = (world: World, person: Person, stage: Stage, timeoutMs?: number) =>
  waitForStatus(world, person, stage, (status) => status.stage === stage, timeoutMs)

export const meets = (world: World, person: Person, problem: ProblemName, timeoutMs?: number) =>
  waitForStatus(world, person, problem, (status) => status.problem?.name === problem, timeoutMs)

/** The password of the person's account, as the application would read it. */
export async function storedPassword(world: World, { identity }: Person): Promise<string> {
  const user = await collections(world.db).users.findOne({ _id: identity })
  const stored = user?.atproto?.password ?? ''
  if (!isSealed(stored)) return stored
  return world.keyring.open(stored, { collection: 'users', person: identity, field: 'atproto.password' })
}

/** Expects all properties of a completed signup: one count, one code, one account, which the stored password opens. */
export async function expectComplete(
  world: World,
  person: Person,
  { timeoutMs, count = 1 }: { timeoutMs?: number; count?: number } = {},
): Promise<SignupStatus> {
  const status = await reaches(world, person, 'completed', timeoutMs)
  const { verifications, users } = collections(world.db)
  expect(await verifications.findOne({ _id: person.identity })).toEqual({ _id: person.identity, count })
  const user = await users.findOne({ _id: person.identity })
  expect(user).toMatchObject({ code: status.code, atproto: { did: status.did, handle: status.handle } })
  expect(await users.countDocuments({ code: status.code })).toBe(1)
  const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
  const session = await agent.login({
    identifier: person.email,
    password: await storedPassword(world, person),
  })
  expect(session.data).toMatchObject({ did: status.did, handle: status.handle })
  expect(
    await world.db.collection('holdfast_intents').countDocuments({ _id: person.identity as never }),
  ).toBe(0)
  return status
}
