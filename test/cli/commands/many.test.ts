import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ProblemName } from '../../../src/contracts/problems.ts'
import type { SignupStatus } from '../../../src/contracts/signup.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { BIN, holdfast, jsonOf, pageOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import {
  startSignup,
  expectComplete,
  meets,
  newPerson,
  reaches,
  retry,
  type Person,
} from '../../support/people.ts'
import { wasRetried } from '../../support/retry-signal.ts'
import { openWorld, type World } from '../../support/world.ts'

// Each case runs the command several times, and each run is a process that loads all modules.
let world: World
let refusal: ProblemName | null = null
/** The workflows, by their addresses, that are refused until they receive a retry signal. */
const untilRetried = new Map<string, string>()
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker((deps) => ({
    ...deps,
    pds: {
      ...deps.pds,
      async createAccount(account) {
        const blocked = untilRetried.get(account.email)
        const refused = refusal !== null || (blocked !== undefined && !(await wasRetried(world, blocked)))
        if (refused) throw new OutsideError(refusal ?? 'email-taken', 'refused by the test')
        return deps.pds.createAccount(account)
      },
    },
  }))
})

async function heldUp(count: number, problem: ProblemName): Promise<Person[]> {
  refusal = problem
  const people = await Promise.all(Array.from({ length: count }, () => newPerson(world)))
  for (const person of people) await startSignup(world, person)
  for (const person of people) await meets(world, person, problem)
  await eventually(
    'visibility has them',
    async () => (await world.reader.list({ problem })).signups.length === count,
  )
  return people
}

/** A person who has just begun to wait for their verified e-mail. */
async function waiting(): Promise<Person> {
  const person = await newPerson(world, { verified: false })
  await world.signups.notify({
    tenant: 'aesthetic',
    identity: person.identity,
    signedUpAt: new Date().toISOString(),
  })
  await reaches(world, person, 'waiting-for-verification')
  return person
}

const mailsTo = ({ identity }: Person): number =>
  world.auth0.logs().filter(({ type, user_id }) => type === 'svr' && user_id === identity).length

describe('holdfast retry --problem', () => {
  it('P4: tells all of them at once, and nobody else', async () => {
    const people = await heldUp(4, 'email-taken')
    for (const { identity, email } of people) untilRetried.set(email, world.idOf(identity))
    refusal = null
    const { code, document } = await jsonOf(world.env, 'retry', 'atproto', '--problem', 'email-taken')
    expect({ code, document }).toMatchObject({
      code: 0,
      document: { problem: 'email-taken', matched: 4, done: 4, failed: 0, ended: true },
    })
    expect(document['jobId']).toMatch(/^holdfast-retry-/)
    for (const person of people) await expectComplete(world, person)
    await eventually('visibility has seen it', async () => {
      const { signups } = await world.reader.list({ problem: 'email-taken' })
      return signups.length === 0
    })
    const again = await holdfast(world.env, 'retry', 'atproto', '--problem', 'email-taken')
    expect(again).toMatchObject({ code: 0, stdout: 'No signup is blocked by email-taken.\n' })
  })

  it.each([[[]], [['auth0|1', '--problem', 'email-taken']], [['--problem', 'nonsense']]])(
    'asks for the one or the other: %j',
    async (args) => {
      const { code, document } = await jsonOf(world.env, 'retry', 'atproto', ...args)
      expect(code).toBe(2)
      expect(document['error']).toMatch(/--problem/)
    },
  )
})

describe('holdfast ignore', () => {
  it('leaves a person out of the list of troubles, counted apart, until they count again', async () => {
    const [first, second] = await heldUp(2, 'pds-refused')
    const id = first?.identity ?? ''
    const until = ['--until', '30d', '--reason', 'a test account']
    expect((await holdfast(world.env, 'ignore', 'atproto', id, ...until)).code).toBe(0)
    const { document } = await jsonOf(world.env, 'ignore', 'atproto', '--list')
    expect(document['ignored']).toMatchObject([
      { identity: id, tenant: 'aesthetic', reason: 'a test account' },
    ])

    const stuck = await pageOf(world.env, 'list', 'atproto', '--problem', 'pds-refused')
    expect(stuck.document.signups.map(({ identity }) => identity)).toEqual([second?.identity])
    expect(stuck.document).toMatchObject({ ignored: [id] })
    const { stdout } = await holdfast(world.env, 'list', 'atproto', '--stuck')
    expect(stdout).toContain('Ignored and not shown: 1.')

    expect((await holdfast(world.env, 'ignore', 'atproto', id, '--drop')).code).toBe(0)
    expect((await world.reader.list({ problem: 'pds-refused' })).signups).toHaveLength(2)
    refusal = null
    for (const person of [first, second]) if (person !== undefined) await retry(world, person)
  })

  it.each([
    [['auth0|1'], '--until <time> and --reason'],
    [['auth0|1', '--until', 'soon', '--reason', 'x'], '2030-01-31'],
    [['auth0|1', '--until', '2001-01-01', '--reason', 'x'], 'must be in the future'],
    [[], 'Give an identity'],
  ])('is told what is missing: %j', async (args, says) => {
    const { code, document } = await jsonOf(world.env, 'ignore', 'atproto', ...args)
    expect(code).toBe(2)
    expect(document['error']).toContain(says)
  })
})

describe('holdfast resend', () => {
  it('sends the mail to who waits, and refuses for who is verified', async () => {
    const person = await waiting()
    const done = await newPerson(world)
    const { code, document } = await jsonOf(
      world.env,
      'resend',
      'atproto',
      person.identity,
      done.identity,
      'auth0|nobody',
    )
    expect(code).toBe(1)
    expect(document).toMatchObject({
      sent: 1,
      results: [
        { identity: person.identity, outcome: 'sent' },
        { identity: done.identity, outcome: 'already verified' },
        { identity: 'auth0|nobody', outcome: 'unknown to Auth0' },
      ],
    })
    expect([mailsTo(person), mailsTo(done)]).toEqual([1, 0])
  })

  it('E12: sends to many, no more than --max, in the turns that Auth0 gives', async () => {
    const people = [await waiting(), await waiting(), await waiting()]
    await eventually('visibility has them', async () => {
      const { signups } = await world.reader.list({ stage: 'waiting-for-verification', running: true })
      return signups.length >= people.length
    })
    expect((await jsonOf(world.env, 'resend', 'atproto', '--stuck-waiting')).document).toMatchObject({
      sent: 0,
    })
    world.auth0.faults.set({
      apiError: { status: 429, count: 1, path: '/api/v2/jobs/verification-email', resetSeconds: 1 },
    })
    const { code, stdout } = await holdfast(
      world.env,
      'resend',
      'atproto',
      '--stuck-waiting',
      '--older-than',
      '0m',
      '--max',
      '2',
      '--json',
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ sent: 2, more: true, results: [{}, {}] })
  })

  it('asks to whom', async () => {
    expect((await jsonOf(world.env, 'resend', 'atproto')).code).toBe(2)
    const several = await jsonOf(world.env, 'resend', 'atproto', 'auth0|1', 'auth0|2', '--max', '1')
    expect(several.document['error']).toContain('more than --max 1')
  })
})

describe('holdfast list --follow', () => {
  it('tells each signup and each change of stage as it happens, until it is told to stop', async () => {
    const child = spawn(process.execPath, [BIN, 'list', 'atproto', '--follow', '--json', '--use-env'], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...world.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const told: SignupStatus[] = []
    createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as SignupStatus))
    const stagesOf = ({ identity }: Person): string[] =>
      told.filter((status) => status.identity === identity).map(({ stage }) => stage)

    // The command may take a while to start; a person who signs up before its first look is not printed.
    const early = await eventually('it follows', async () => {
      const person = await waiting()
      return eventually('one is told', () => stagesOf(person).length > 0 && person, 5_000)
    })
    await eventually('its wait is told', () => stagesOf(early).at(-1) === 'waiting-for-verification')

    refusal = 'pds-refused'
    world.auth0.verifyEmail(early.identity)
    await world.signups.notify({ tenant: 'aesthetic', identity: early.identity, hint: 'emailVerified' })
    await eventually('its problem is told', () =>
      told.some(({ identity, problem }) => identity === early.identity && problem?.name === 'pds-refused'),
    )
    refusal = null
    await world.signups.notify({ tenant: 'aesthetic', identity: early.identity, hint: 'retry' })
    await eventually('its end is told', () => stagesOf(early).at(-1) === 'completed')

    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number | null]
    expect(code).toBe(0)
  })
})
