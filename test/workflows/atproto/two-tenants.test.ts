import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import type { NewPdsAccount } from '../../../src/adapters/pds/pds.ts'
import { aliasFor } from '../../../src/domain/atproto/alias.ts'
import { handleUnder } from '../../../src/domain/atproto/handle.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import {
  address,
  startSignup,
  expectComplete,
  label,
  meets,
  newPerson,
  retry,
  type Person,
} from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

type Create = AtprotoDeps['pds']['createAccount']

/** Replacements of createAccount, by the address in the call. */
const faults = new Map<string, (create: Create, account: NewPdsAccount) => ReturnType<Create>>()
let world: World
beforeAll(async () => {
  world = await openWorld({ otherTenants: ['sotce'] })
  await world.startWorker((deps) => ({
    ...deps,
    pds: {
      ...deps.pds,
      createAccount: (account) =>
        faults.get(account.email)?.(deps.pds.createAccount, account) ?? deps.pds.createAccount(account),
    },
  }))
})
beforeEach(() => faults.clear())

const under = (name: string): string => handleUnder(name, world.env['PDS_HANDLE_DOMAIN'] ?? '')
const inTenant = (tenant: string, email: string, handle?: string): Promise<Person> =>
  newPerson(world, { tenant, email, ...(handle === undefined ? {} : { handle }) })
const aliased = (person: Person, tenant: string): Person => ({
  ...person,
  email: aliasFor(person.email, tenant),
})
const accountsOf = (email: string) => pdsAdmin(world.env).accountsOf(email)

describe.each([
  ['aesthetic', 'sotce'],
  ['sotce', 'aesthetic'],
])('P4: one person in two tenants, first %s, then %s', (first, second) => {
  it('has an account in each, the second with the tenant in its address and under its own code', async () => {
    const email = address()
    const chosen = label()
    const one = await inTenant(first, email, chosen)
    await startSignup(world, one)
    expect(await expectComplete(world, one)).toMatchObject({ handle: under(chosen) })
    const two = await inTenant(second, email)
    await startSignup(world, two)
    const status = await expectComplete(world, aliased(two, second))
    expect(status.handle).toBe(under(status.code ?? ''))
    expect([await accountsOf(email), await accountsOf(aliasFor(email, second))]).toMatchObject([
      [{ handle: under(chosen) }],
      [{ did: status.did }],
    ])
  })

  it('keeps a handle chosen in the second tenant', async () => {
    const email = address()
    const own = label()
    const one = await inTenant(first, email, label())
    await startSignup(world, one)
    await expectComplete(world, one)
    const two = await inTenant(second, email, own)
    await startSignup(world, two)
    expect(await expectComplete(world, aliased(two, second))).toMatchObject({ handle: under(own) })
  })
})

describe('P4: one person in two tenants, who changed the address in the first', () => {
  it('has an account in each: the first keeps the address until another is verified', async () => {
    const email = address()
    const one = await inTenant('aesthetic', email)
    await startSignup(world, one)
    const { did } = await expectComplete(world, one)
    world.auth0.changeEmail(one.identity, address()) // not verified, and perhaps never
    const two = await inTenant('sotce', email)
    await startSignup(world, two)
    await expectComplete(world, aliased(two, 'sotce'))
    expect(await accountsOf(email)).toMatchObject([{ did }])
  })

  it('has no alias where a stranger got hold of the address since', async () => {
    const [email, moved] = [address(), address()]
    const one = await inTenant('aesthetic', email)
    await startSignup(world, one)
    await expectComplete(world, one)
    world.auth0.changeEmail(one.identity, moved, true)
    await startSignup(world, one)
    await expectComplete(world, { ...one, email: moved }, { count: 2 })
    await pdsAdmin(world.env).create({ handle: under(label()), email, password: 'a-stranger' })
    const two = await inTenant('sotce', email)
    await startSignup(world, two)
    await meets(world, two, 'email-taken')
  })
})

describe('P4: one person in two tenants at once', () => {
  it('ends with one account in each, one of them with the plain address', async () => {
    const pairs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const email = address()
        return [await inTenant('aesthetic', email, label()), await inTenant('sotce', email)] as const
      }),
    )
    await Promise.all(pairs.flat().map((person) => startSignup(world, person)))
    for (const [one, two] of pairs) {
      const { email } = one
      const plain = await expectEither(one, 'aesthetic')
      expect(await expectEither(two, 'sotce')).toBe(!plain)
      const [holder, ...more] = await accountsOf(email)
      expect([holder?.email, more]).toEqual([email, []])
      const aliases = [
        ...(await accountsOf(aliasFor(email, 'sotce'))),
        ...(await accountsOf(aliasFor(email, 'aesthetic'))),
      ]
      expect(aliases).toHaveLength(1)
    }
  })

  /** True for the plain address, false for the alias. */
  async function expectEither(person: Person, tenant: string): Promise<boolean> {
    const { users } = collections(world.db)
    await meetsEnd(person)
    const did = (await users.findOne({ _id: person.identity }))?.atproto?.did
    const plain = (await accountsOf(person.email))[0]?.did === did
    await expectComplete(world, plain ? person : aliased(person, tenant))
    return plain
  }
  const meetsEnd = ({ identity }: Person) => world.temporal.workflow.getHandle(world.idOf(identity)).result()
})

describe('P4: a handle chosen in the other tenant', () => {
  it('is inherited where no account of theirs has it', async () => {
    const email = address()
    const chosen = label()
    await inTenant('aesthetic', email, chosen) // verified, but no signup of theirs has run
    const two = await inTenant('sotce', email)
    await startSignup(world, two)
    expect(await expectComplete(world, two)).toMatchObject({ handle: under(chosen) })
  })

  it('is inherited where their account has another', async () => {
    const email = address()
    const one = await inTenant('aesthetic', email)
    await startSignup(world, one)
    await expectComplete(world, one)
    const chosen = label()
    await collections(world.db).handles.insertOne({ _id: one.identity, handle: chosen })
    const two = await inTenant('sotce', email)
    await startSignup(world, two)
    expect(await expectComplete(world, aliased(two, 'sotce'))).toMatchObject({ handle: under(chosen) })
  })

  it('is not inherited from somebody who never verified the address', async () => {
    const email = address()
    await newPerson(world, { email, handle: label(), verified: false })
    const two = await inTenant('sotce', email)
    await startSignup(world, two)
    const status = await expectComplete(world, two)
    expect(status.handle).toBe(under(status.code ?? ''))
  })

  it('is found among several users of one address, by whichever connection they came', async () => {
    const email = address()
    await newPerson(world, { email })
    const social = world.auth0.createUser({ email, via: 'social' })
    const chosen = label()
    await collections(world.db).handles.insertOne({ _id: social, handle: chosen })
    const two = await inTenant('sotce', email)
    await startSignup(world, two)
    expect(await expectComplete(world, two)).toMatchObject({ handle: under(chosen) })
  })
})

describe('P4: the address is held by somebody else', () => {
  it('a stranger: a problem of the second tenant, though the person is known to the first', async () => {
    const email = address()
    const stranger = { handle: under(label()), email, password: 'a password of their own' }
    const theirs = await pdsAdmin(world.env).create(stranger)
    await inTenant('aesthetic', email)
    const [two, other] = [await inTenant('sotce', email), await inTenant('sotce', address())]
    await startSignup(world, two)
    await startSignup(world, other)
    await meets(world, two, 'email-taken')
    await expectComplete(world, other)
    expect(await accountsOf(aliasFor(email, 'sotce'))).toEqual([])
    await pdsAdmin(world.env).remove(theirs)
    await retry(world, two)
    await expectComplete(world, two)
  })

  it('an account of theirs that was taken down, which the PDS answers like a fault: it is theirs all the same', async () => {
    const email = address()
    const one = await inTenant('aesthetic', email)
    await startSignup(world, one)
    const { did } = await expectComplete(world, one)
    await pdsAdmin(world.env).takeDown(did ?? '')
    const two = await inTenant('sotce', email)
    await startSignup(world, two)
    await expectComplete(world, aliased(two, 'sotce'))
  })
})

describe('P3: an attempt with the alias', () => {
  async function second(): Promise<{ two: Person; alias: string }> {
    const email = address()
    const one = await inTenant('aesthetic', email)
    await startSignup(world, one)
    await expectComplete(world, one)
    return { two: await inTenant('sotce', email), alias: aliasFor(email, 'sotce') }
  }
  const lost = (): never => {
    throw new OutsideError('pds-unreachable', 'no answer')
  }

  it('whose answer is lost has made the account, which is found and kept', async () => {
    const { two, alias } = await second()
    let made = ''
    faults.set(alias, async (create, account) => {
      faults.clear()
      made = (await create(account)).did
      return lost()
    })
    await startSignup(world, two)
    expect(await expectComplete(world, aliased(two, 'sotce'))).toMatchObject({ did: made })
    expect(await accountsOf(alias)).toHaveLength(1)
  })

  it('that never got through stays with the alias, though the plain address has become free', async () => {
    const { two, alias } = await second()
    const { intents } = world.connectDeps()
    const aimed: (string | null | undefined)[] = []
    faults.set(alias, async () => {
      faults.clear()
      aimed.push((await intents.load(two.identity))?.alias)
      for (const { did } of await accountsOf(two.email)) await pdsAdmin(world.env).remove(did)
      return lost()
    })
    await startSignup(world, two)
    await expectComplete(world, aliased(two, 'sotce'))
    expect(aimed).toEqual([alias])
    expect(await accountsOf(two.email)).toEqual([])
  })
})

describe('another tenant that does not answer', () => {
  it('holds up only who needs it', async () => {
    const sotce = world.tenants.get('sotce')
    sotce?.faults.set({ apiError: { status: 503 } })
    const chooser = await inTenant('aesthetic', address(), label())
    const other = await inTenant('aesthetic', address())
    await startSignup(world, chooser)
    await startSignup(world, other)
    await expectComplete(world, chooser)
    await meets(world, other, 'auth0-unreachable')
    sotce?.faults.clear()
    await retry(world, other)
    await expectComplete(world, other)
  })
})
