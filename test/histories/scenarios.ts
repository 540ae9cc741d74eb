import { randomBytes } from 'node:crypto'
import type { WorkerDeps } from '../support/atproto-worker.ts'
import type { ProblemName } from '../../src/contracts/problems.ts'
import type { SignupStatus } from '../../src/contracts/signup.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import type { SignupUpdate } from '../../src/client/signups.ts'
import type { World } from '../support/create-world.ts'
import { eventually } from '../support/eventually.ts'

/** The actions of one scenario on its one person, and on the worker's outside world. */
export interface Stage {
  readonly world: World
  readonly identity: string
  tell(news?: Omit<SignupUpdate, 'tenant' | 'identity'>): Promise<void>
  until(what: string, holds: (status: SignupStatus) => boolean): Promise<SignupStatus>
  /** From now on this call fails with this error, until `mend` is called. */
  break(call: 'verifications.record' | 'pds.createAccount', problem: ProblemName): void
  mend(): void
}

export interface Scenario {
  readonly person?: { readonly verified?: boolean; readonly email?: string; readonly handle?: string }
  readonly env?: Readonly<Record<string, string>>
  /** Runs on a Temporal server that suggests to continue as new after a few events. */
  readonly shortHistories?: true
  readonly play: (stage: Stage) => Promise<void>
}

const signedUpAt = '2026-01-02T03:04:05.000Z'
const done = ({ stage }: SignupStatus): boolean => stage === 'completed'
const waits = ({ stage }: SignupStatus): boolean => stage === 'waiting-for-verification'

/** Every path through the signup that a later version has to be able to continue. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'plain-completion': {
    play: async ({ world, identity, tell, until }) => {
      await tell({ signedUpAt })
      await until('it waits', waits)
      world.auth0.verifyEmail(identity)
      await tell({ hint: 'emailVerified' })
      await until('it completes', done)
    },
  },
  'still-waiting': {
    play: async ({ tell, until }) => {
      await tell({ signedUpAt })
      await until('it waits', waits)
    },
  },
  'fallback-to-code': {
    person: { verified: true, handle: 'admin' },
    play: async ({ tell, until }) => {
      await tell({ signedUpAt, hint: 'emailVerified' })
      await until('it completes', done)
    },
  },
  'verified-before-signed-up': {
    person: { verified: true },
    play: async ({ tell, until }) => {
      await tell({ hint: 'emailVerified' })
      await tell({ signedUpAt })
      await until('it completes', done)
    },
  },
  'hint-that-is-not-true': {
    play: async ({ tell, until, world, identity }) => {
      await tell({ signedUpAt, hint: 'emailVerified' })
      await until('it waits', waits)
      world.auth0.verifyEmail(identity)
      await tell({ hint: 'emailVerified' })
      await until('it completes', done)
    },
  },
  'pds-problem-then-retry': {
    person: { verified: true },
    play: async (stage) => {
      stage.break('pds.createAccount', 'pds-unreachable')
      await stage.tell({ signedUpAt, hint: 'emailVerified' })
      await stage.until('it is stuck', ({ problem }) => problem?.name === 'pds-unreachable')
      stage.mend()
      await stage.tell({ hint: 'retry' })
      await stage.until('it completes', done)
    },
  },
  'mongo-problem-then-timer': {
    person: { verified: true },
    play: async (stage) => {
      stage.break('verifications.record', 'mongo-denied')
      await stage.tell({ signedUpAt })
      await stage.until('it is stuck', ({ problem }) => problem?.name === 'mongo-denied')
      stage.mend()
      await stage.until('it waits', waits)
      await stage.tell({ hint: 'emailVerified' })
      await stage.until('it completes', done)
    },
  },
  'auth0-rate-limit': {
    person: { verified: true },
    play: async ({ world, tell, until }) => {
      world.auth0.faults.set({ apiError: { status: 429, count: 1, path: '/api/v2/users', resetSeconds: 2 } })
      await tell({ signedUpAt, hint: 'emailVerified' })
      await until('it completes', done)
    },
  },
  expired: {
    env: { HOLDFAST_WAIT_DAYS: String(2 / 86_400) },
    play: async ({ tell, until }) => {
      await tell({ signedUpAt })
      await until('it expires', ({ stage }) => stage === 'expired')
    },
  },
  refused: {
    person: { verified: true, email: `${randomBytes(6).toString('hex')}@mailinator.com` },
    play: async ({ tell, until }) => {
      await tell({ signedUpAt, hint: 'emailVerified' })
      await until('it is refused', ({ stage }) => stage === 'refused')
    },
  },
  deleted: {
    play: async ({ world, identity, tell, until }) => {
      world.auth0.deleteUser(identity)
      await tell({ hint: 'emailVerified' })
      await until('it ends', ({ stage }) => stage === 'deleted')
    },
  },
  'started-again-after-completion': {
    person: { verified: true },
    play: async ({ tell, until }) => {
      await tell({ signedUpAt, hint: 'emailVerified' })
      await until('it completes', done)
      await tell({ hint: 'emailVerified' })
      await until('it completes again', done)
    },
  },
  'account-restored-while-unverified': {
    person: { verified: true },
    play: async ({ world, identity, tell, until }) => {
      await tell({ signedUpAt, hint: 'emailVerified' })
      await until('it completes', done)
      world.auth0.changeEmail(identity, `${randomBytes(6).toString('hex')}@example.com`)
      await tell({ hint: 'emailChanged' })
      await until('it waits', waits)
      await world.db.collection<{ _id: string }>('users').deleteOne({ _id: identity })
      await tell({ hint: 'retry' })
      await until('it completes again', done)
    },
  },
  'continued-as-new': {
    person: { verified: true },
    shortHistories: true,
    play: async (stage) => {
      stage.break('pds.createAccount', 'pds-admin-refused')
      await stage.tell({ signedUpAt, hint: 'emailVerified' })
      for (const rounds of [1, 2, 3]) {
        await stage.until(`${rounds} rounds`, ({ problem }) => (problem?.attempts ?? 0) >= rounds)
        await stage.tell({ hint: 'retry' })
      }
      stage.mend()
      await stage.tell({ hint: 'retry' })
      await stage.until('it completes', done)
    },
  },
}

/** Plays one scenario in a world of its own and returns the id of the workflow. */
export async function play(world: World, { person = {}, play: go }: Scenario): Promise<string> {
  const { email = `${randomBytes(6).toString('hex')}@example.com`, verified = false, handle } = person
  const identity = world.auth0.signUp({ email, verified })
  if (handle !== undefined)
    await world.db.collection<{ _id: string }>('@handles').insertOne({ _id: identity, handle } as never)
  let broken: { call: string; problem: ProblemName } | null = null
  const orFail =
    <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      broken?.call === name ? Promise.reject(new OutsideError(broken.problem, 'away')) : call(...args)
  const workers = await world.startWorker((deps): WorkerDeps => ({
    ...deps,
    verifications: {
      ...deps.verifications,
      record: orFail('verifications.record', deps.verifications.record),
    },
    pds: { ...deps.pds, createAccount: orFail('pds.createAccount', deps.pds.createAccount) },
  }))
  const workflowId = world.idOf(identity)
  await go({
    world,
    identity,
    tell: async (news) => void (await world.signups.notify({ tenant: 'aesthetic', identity, ...news })),
    until: (what, holds) =>
      eventually(what, async () => {
        const status = await world.reader.status(workflowId)
        return status !== null && holds(status) && status
      }),
    break: (call, problem) => {
      broken = { call, problem }
    },
    mend: () => {
      broken = null
    },
  })
  await workers.stop()
  return workflowId
}
