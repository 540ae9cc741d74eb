import { beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { eventually } from '../../support/eventually.ts'
import { holdfast, jsonOf, pageOf, statusOf } from '../../support/command.ts'
import { startSignup, meets, newPerson, type Person } from '../../support/people.ts'
import { DOCS_URL } from '../../support/start-servers.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let person: Person
beforeAll(async () => {
  world = await openWorld({ pdsUrl: `http://127.0.0.1:${await freePort()}` })
  await world.startWorker()
  person = await newPerson(world)
  await startSignup(world, person)
  await newPerson(world, { verified: false })
  await meets(world, person, 'pds-unreachable')
})

describe('P7: a signup that a problem holds up', () => {
  it('says why and what to do, to people and to programs', async () => {
    // on a loaded machine a worker may answer too late for one query, and the status then says less
    const { stdout, document } = await eventually('the worker answers both', async () => {
      const text = await holdfast(world.env, 'status', 'atproto', person.identity)
      const json = await statusOf(world.env, 'status', 'atproto', person.identity)
      expect([text.code, json.code]).toEqual([0, 0])
      return text.stdout.includes('of attempts') && (json.document.problem?.nextTryAt ?? null) !== null
        ? { ...text, ...json }
        : null
    })
    expect(stdout).toContain('pds-unreachable: The PDS does not answer.')
    expect(stdout).toMatch(/What to do: Bring the PDS back, or correct PDS_URL\./)
    expect(stdout).toMatch(/Since .+ ago, \d+ rounds? of attempts, (next retry in|being retried now)/)
    expect(document).toMatchObject({
      stage: 'creating-account',
      problem: {
        name: 'pds-unreachable',
        sentence: 'The PDS does not answer.',
        fix: expect.stringContaining('PDS_URL') as string,
        since: expect.stringMatching(/^\d{4}-.+Z$/) as string,
        attempts: expect.any(Number) as number,
        nextTryAt: expect.stringMatching(/^\d{4}-.+Z$/) as string,
      },
    })
  })

  it('links to its page in the command, below a table, and in the Temporal UI', async () => {
    const env = { ...world.env, HOLDFAST_DOCS_URL: DOCS_URL }
    const page = `${DOCS_URL}/problems.md#pds-unreachable`
    const status = await holdfast(env, 'status', 'atproto', person.identity)
    expect(status.stdout).toContain(`\nMore: ${page}`)
    const list = await holdfast(env, 'list', 'atproto', '--stuck')
    expect(list.stdout).toMatch(new RegExp(`\n\nMore: ${page}\n$`))
    expect(list.stdout.split(page)).toHaveLength(2)
    const signup = world.temporal.workflow.getHandle(world.idOf(person.identity))
    expect(JSON.stringify(await signup.query('__temporal_workflow_metadata'))).toContain(`More: <${page}>`)
  })

  it('is listed by --stuck, and those who only wait are not', async () => {
    const waiting = await newPerson(world, { verified: false })
    await world.signups.notify({ tenant: 'aesthetic', identity: waiting.identity })
    await eventually('both can be seen', async () => (await world.reader.list({})).signups.length === 2)
    const all = (await pageOf(world.env, 'list', 'atproto')).document.signups
    expect(all.map(({ identity }) => identity).toSorted()).toEqual(
      [person.identity, waiting.identity].toSorted(),
    )
    const { document } = await pageOf(world.env, 'list', 'atproto', '--stuck')
    expect(document.signups).toMatchObject([
      { identity: person.identity, problem: { name: 'pds-unreachable' } },
    ])
    expect(document.next).toBeNull()
    const { stdout } = await holdfast(world.env, 'list', 'atproto', '--stuck')
    expect(stdout).toMatch(/PERSON +STAGE +SINCE +CODE +HANDLE +WAITING FOR/)
    expect(stdout).toContain(person.identity)
    expect(stdout).not.toContain(waiting.identity)
  })

  it('tries again at once when told to', async () => {
    const before = await world.reader.status(world.idOf(person.identity))
    const { code, document } = await statusOf(world.env, 'retry', 'atproto', person.identity)
    expect(code).toBe(1)
    expect(document.problem?.name).toBe('pds-unreachable')
    expect(document.problem?.since).toBe(before?.problem?.since)
  })
})

describe('a command that cannot reach what it needs', () => {
  it.each([
    ['Auth0', 'verify', 'AUTH0_AESTHETIC_DOMAIN', 'http', 'Auth0 does not answer', 'AUTH0_<TENANT>_DOMAIN'],
    ['MongoDB', 'quarantine', 'MONGODB_URI', 'mongodb', 'MongoDB does not answer', 'MONGODB_URI'],
    [
      'Temporal',
      'status',
      'TEMPORAL_ADDRESS',
      '',
      'No connection to Temporal at 127.0.0.1',
      'TEMPORAL_ADDRESS',
    ],
  ])('%s ends with 2 and says what to look at', async (_, command, variable, protocol, sentence, setting) => {
    const host = `127.0.0.1:${await freePort()}`
    const env = { ...world.env, [variable]: protocol === '' ? host : `${protocol}://${host}` }
    const target = command === 'quarantine' ? 'list' : person.identity
    const { code, document, stderr } = await jsonOf(env, command, 'atproto', target)
    expect(code).toBe(2)
    expect(document['error']).toContain(sentence)
    expect(document['error']).toContain(setting)
    expect(stderr.trim()).toBe(document['error'])
  })

  it('because Temporal has no such namespace, says which', async () => {
    const env = { ...world.env, TEMPORAL_NAMESPACE: 'nowhere' }
    for (const args of [
      ['status', 'atproto', person.identity],
      ['list', 'atproto'],
      ['signup', 'atproto', 'auth0|1'],
    ]) {
      const { code, document, stderr } = await jsonOf(env, ...args)
      expect({ args, code, document, stderr }).toMatchObject({ code: 2 })
      expect(document['error']).toContain('nowhere')
      expect(stderr).not.toMatch(/^ +at /m)
    }
  })

  it('because Auth0 refuses its secret, says which setting', async () => {
    const env = { ...world.env, AUTH0_AESTHETIC_CLIENT_SECRET: 'old' }
    const { code, document } = await jsonOf(env, 'verify', 'atproto', person.identity)
    expect(code).toBe(2)
    expect(document['error']).toContain('AUTH0_<TENANT>_CLIENT_ID and _CLIENT_SECRET')
  })
})
