import { beforeAll, describe, expect, it } from 'vitest'
import type { WhyPage } from '../../../src/contracts/why.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { holdfast, jsonOf, type CommandResult } from '../../support/command.ts'
import {
  address,
  startSignup,
  expectComplete,
  label,
  meets,
  newPerson,
  reaches,
  type Person,
} from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

// Some cases run the command several times, and each run is a process that loads all modules.
let world: World
let whole: Person
let handle = ''
let code = ''
let refusing = false
beforeAll(async () => {
  world = await openWorld({ otherTenants: ['sotce'] })
  await world.startWorker((deps) => ({
    ...deps,
    pds: {
      ...deps.pds,
      createAccount: (account) =>
        refusing
          ? Promise.reject(new OutsideError('pds-admin-refused', 'refused by the test'))
          : deps.pds.createAccount(account),
    },
  }))
  handle = label()
  whole = await newPerson(world, { handle })
  await startSignup(world, whole)
  code = (await expectComplete(world, whole)).code ?? ''
})

const why = async (who: string, change: Record<string, string> = {}): Promise<CommandResult<WhyPage>> =>
  (await jsonOf({ ...world.env, ...change }, 'why', 'atproto', who)) as unknown as CommandResult<WhyPage>
const says = (page: WhyPage): Record<string, string> =>
  Object.fromEntries(page.stores.map(({ store, text }) => [store, text]))
const names = ({ problems }: WhyPage): string[] => problems.map(({ name }) => name)

describe('holdfast why', () => {
  it('finds one person by identity, code, handle and e-mail', async () => {
    const domain = (world.env['PDS_HANDLE_DOMAIN'] ?? '').replace(/^\./, '')
    const ways = [
      whole.identity,
      code,
      handle,
      `@${handle}`,
      `${handle}.${domain}`,
      whole.email.toUpperCase(),
    ]
    for (const way of ways) {
      const { code: exit, document } = await why(way)
      expect({ way, exit, identity: document.identity }).toEqual({ way, exit: 0, identity: whole.identity })
    }
  })

  it('tells of somebody who is whole what every store says, and that nothing is to be done', async () => {
    const { document } = await why(whole.identity)
    expect(document).toMatchObject({ stage: 'completed', problems: [], fix: null, known: true })
    expect(document.next).toBe('Nothing: every record exists.')
    expect(says(document)).toMatchObject({
      Auth0: expect.stringMatching(/^e-mail verified, signed up \d{4}-/) as string,
      verifications: 'count 1',
      users: expect.stringMatching(new RegExp(`^code ${code}, did:plc:.+, handle ${handle}`)) as string,
      '@handles': `chose ${handle}`,
      PDS: expect.stringMatching(/^did:plc:.+, active, Auth0's address$/) as string,
      Temporal: expect.stringMatching(/, completed$/) as string,
    })
    expect(document.history.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'recording done',
      'creating-user done',
      'waiting-for-verification done',
      'creating-account done',
    ])
    const { stdout } = await holdfast(world.env, 'why', 'atproto', whole.identity)
    expect(stdout).toContain('Account set up on the PDS and in the user record')
    expect(stdout + JSON.stringify(document)).not.toContain(whole.email)
  })

  it('tells of somebody who waits how to have the mail sent again', async () => {
    const person = await newPerson(world, { verified: false })
    await world.signups.notify({
      tenant: 'aesthetic',
      identity: person.identity,
      signedUpAt: new Date().toISOString(),
    })
    await reaches(world, person, 'waiting-for-verification')
    const { document } = await why(person.identity)
    expect(document).toMatchObject({ stage: 'waiting-for-verification', problems: [] })
    expect(document.fix).toContain(`holdfast resend atproto '${person.identity}'`)
    expect(document.lastSuccess).toMatchObject({ step: 'waiting-for-verification' })
  })

  it('tells of somebody who is held up why, since when, what comes next, and when the step last worked', async () => {
    refusing = true
    const person = await newPerson(world)
    await startSignup(world, person)
    await meets(world, person, 'pds-admin-refused')
    const { document } = await why(person.identity)
    expect(names(document)[0]).toBe('pds-admin-refused')
    expect(document.stage).toBe('creating-account')
    expect(document.fix).toContain('PDS_ADMIN_PASSWORD')
    expect(document.next).toMatch(/retried (at \d{4}-|now)/)
    expect(document.lastSuccess?.step).toBe('creating-account')
    expect(document.lastSuccess?.build).toMatch(/^\d+\.\d+\.\d+(\+[0-9a-f]{7})?$/)
    expect(document.history.at(-1)).toMatchObject({ outcome: 'problem', problem: 'pds-admin-refused' })
    const { stdout } = await holdfast(world.env, 'why', 'atproto', person.identity)
    expect(stdout).toContain('pds-admin-refused: The PDS refuses the admin password (PDS_ADMIN_PASSWORD).')
    expect(stdout).toMatch(/This step last succeeded \(for any person\) .+ ago/)
    expect(stdout).toMatch(/Creating the account failed with pds-admin-refused/)
    refusing = false
  })

  it('P10: names an account that went behind our back', async () => {
    const person = await newPerson(world)
    await startSignup(world, person)
    const { did } = await expectComplete(world, person)
    await pdsAdmin(world.env).remove(did ?? '')
    const { document } = await why(person.identity)
    expect(names(document)).toEqual(['account-gone'])
    expect(document.next).toContain('Nothing: no signup is running')
    expect(says(document)['PDS']).toBe('no account')
  })

  it('E7: names a person nobody told us of, and the command that starts them', async () => {
    const identity = world.auth0.signUp({ email: address(), verified: true })
    const { code: exit, document } = await why(identity)
    expect(exit).toBe(0)
    expect(names(document)).toEqual(['identity-only'])
    expect(document.fix).toBe(`holdfast backfill atproto --id '${identity}' --fix`)
  })

  it('lists several who share an address, and says who is nobody', async () => {
    const email = address()
    world.auth0.signUp({ email, verified: true })
    world.tenants.get('sotce')?.signUp({ email, verified: true })
    const { code: exit, document } = await jsonOf(world.env, 'why', 'atproto', email)
    expect(exit).toBe(1)
    expect(document['matches']).toEqual([
      expect.stringMatching(/^auth0\|/) as string,
      expect.stringMatching(/^sotce-auth0\|/) as string,
    ])
    expect((await jsonOf(world.env, 'why', 'atproto', 'nobody-here')).document).toEqual({
      error: "No person found for 'nobody-here'.",
    })
    const unknown = await why('auth0|nobody')
    expect(unknown).toMatchObject({ code: 1, document: { known: false, stage: null } })
  })

  it.each([
    ['Auth0', 'AUTH0_AESTHETIC_DOMAIN', 'http://'],
    ['PDS', 'PDS_URL', 'http://'],
    ['users', 'MONGODB_URI', 'mongodb://'],
    ['Temporal', 'TEMPORAL_ADDRESS', ''],
  ])('makes the page while %s cannot be asked, and says so', async (store, name, protocol) => {
    const { code: exit, document } = await why(whole.identity, {
      [name]: `${protocol}127.0.0.1:${await freePort()}`,
    })
    expect(exit).toBe(0)
    expect(says(document)[store]).toMatch(/^cannot be read: \S/)
    const others = document.stores.filter(({ answered }) => answered)
    expect(others.length).toBeGreaterThanOrEqual(2)
    expect(names(document)).toEqual([])
  })
})

describe('T1: why, while no worker is there', () => {
  it('says so, from the stores and from Temporal alone', async () => {
    const alone = await openWorld()
    const person = await newPerson(alone)
    await startSignup(alone, person)
    const { document } = (await jsonOf(
      alone.env,
      'why',
      'atproto',
      person.identity,
    )) as unknown as CommandResult<WhyPage>
    expect(names(document)[0]).toBe('no-worker')
    expect(document.fix).toContain('npm run worker')
    expect(await collections(alone.db).verifications.countDocuments()).toBe(0)
  })
})
