import { beforeAll, describe, expect, it } from 'vitest'
import { isUserCode } from '../../../src/domain/atproto/user-code.ts'
import { holdfast, jsonOf, statusOf } from '../../support/command.ts'
import { expectComplete, newPerson, type Person } from '../../support/people.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

const signals = async ({ identity }: Person): Promise<number> => {
  const { events } = await world.temporal.workflow.getHandle(world.idOf(identity)).fetchHistory()
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length
}

describe('holdfast signup, verify and status', () => {
  it('carry one person from nothing to an account', async () => {
    const person = await newPerson(world, { verified: false })
    const { identity } = person

    const started = await statusOf(world.env, 'signup', 'atproto', identity)
    expect(started.code).toBe(0)
    expect(started.document).toMatchObject({
      system: 'atproto',
      tenant: 'aesthetic',
      identity,
      workflowId: `signup/atproto/aesthetic/${identity}`,
      stage: 'waiting-for-verification',
      problem: null,
      handle: null,
      did: null,
    })
    expect(isUserCode(started.document.code)).toBe(true)

    const waiting = await holdfast(world.env, 'status', 'atproto', identity)
    expect(waiting).toMatchObject({ code: 0, stderr: '' })
    expect(waiting.stdout).toMatch(/stage +waiting-for-verification/)
    expect(waiting.stdout).toContain(started.document.code)

    const tooEarly = await jsonOf(world.env, 'verify', 'atproto', identity)
    expect(tooEarly.code).toBe(1)
    expect(tooEarly.document['error']).toContain('is not verified at Auth0. Nothing was signalled.')
    expect(await signals(person)).toBe(0)

    world.auth0.setEmailVerified(identity, true)
    const verified = await statusOf(world.env, 'verify', 'atproto', identity)
    expect(verified).toMatchObject({ code: 0, document: { stage: 'completed' } })
    const { stageSince: _since, ...complete } = await expectComplete(world, person)
    expect(verified.document).toMatchObject(complete)

    const again = await statusOf(world.env, 'signup', 'atproto', identity)
    expect(again).toMatchObject({ code: 0, document: complete })
    const status = await holdfast(world.env, 'status', 'atproto', identity)
    expect(status.stdout).toContain(complete.handle)
    expect(status.stdout).toContain(complete.did)
    await expectComplete(world, person)
  })

  it('find a signup whose identity holds an e-mail, which stands nowhere in its id', async () => {
    const identity = 'samlp|acme|ada@example.com'
    const started = await statusOf(world.env, 'signup', 'atproto', identity)
    expect(started.document.workflowId).toMatch(/^signup\/atproto\/aesthetic\/[0-9a-f]{64}$/)
    const status = await statusOf(world.env, 'status', 'atproto', identity)
    expect(status.document).toMatchObject({ workflowId: started.document.workflowId, identity })
  })
})

describe('holdfast signup', () => {
  it('of somebody Auth0 does not know says so', async () => {
    const identity = 'auth0|111111111111111111111111'
    const sentence = `No such person: the provider does not know '${identity}' in tenant aesthetic, so no signup can be started.`
    const { code, stdout } = await holdfast(world.env, 'signup', 'atproto', identity)
    expect(code).toBe(1)
    expect(stdout).toContain(sentence)
    const { document } = await statusOf(world.env, 'status', 'atproto', identity)
    expect(document).toMatchObject({ stage: 'deleted', notices: [sentence] })
  })

  it.each(['signup', 'delete', 'ignore'])(
    'and %s refuse what is no identity, and say how to find it',
    async (command) => {
      const more =
        { signup: [], delete: ['--yes'], ignore: ['--until', '1d', '--reason', 'a test'] }[command] ?? []
      const { code, document } = await jsonOf(world.env, command, 'atproto', 'ac26qolek', ...more)
      expect(code).toBe(2)
      expect(document['error']).toContain("'ac26qolek' is not an identity")
      expect(document['error']).toContain("holdfast why atproto 'ac26qolek'")
      expect(await world.reader.status(world.idOf('ac26qolek'))).toBeNull()
    },
  )
})

describe('holdfast verify', () => {
  it('signals nothing for somebody Auth0 does not know', async () => {
    const identity = 'auth0|000000000000000000000000'
    const { code, stdout } = await holdfast(world.env, 'verify', 'atproto', identity)
    expect(code).toBe(1)
    expect(stdout).toContain(`Auth0 does not know '${identity}' in tenant aesthetic. Nothing was signalled.`)
    expect(await world.reader.status(world.idOf(identity))).toBeNull()
    expect(await collections(world.db).verifications.countDocuments({ _id: identity })).toBe(0)
  })

  it('completes somebody who is verified and whose signup nobody has reported', async () => {
    const person = await newPerson(world)
    expect((await holdfast(world.env, 'verify', 'atproto', person.identity)).code).toBe(0)
    await expectComplete(world, person)
  })
})

describe('holdfast for somebody Temporal has never heard of', () => {
  it.each(['status', 'retry'])(
    '%s says so, says what to type, ends with 1 and starts nothing',
    async (command) => {
      const identity = "auth0|o'neil"
      const { code, stdout } = await holdfast(world.env, command, 'atproto', identity)
      expect(code).toBe(1)
      expect(stdout).toContain("To start one: npx holdfast signup atproto 'auth0|o'\\''neil'")
      const { document, ...json } = await jsonOf(world.env, command, 'atproto', identity)
      expect(json.code).toBe(1)
      expect(document).toEqual({ error: stdout.trim().replace('npx ', '') })
      expect(await world.reader.status(world.idOf(identity))).toBeNull()
    },
  )
})
