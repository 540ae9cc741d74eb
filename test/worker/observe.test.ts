import { beforeAll, describe, expect, it } from 'vitest'
import { begin, expectComplete, meets, newPerson, type Person } from '../support/people.ts'
import { holdfast } from '../support/command.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let person: Person
beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_MODE: 'observe' } })
  person = await newPerson(world)
})

describe('HOLDFAST_MODE=observe', () => {
  it('lets a signup wait, explained, and leaves every store as it is', async () => {
    const worker = await world.work()
    await begin(world, person)
    const { problem } = await meets(world, person, 'observing')
    expect(problem?.fix).toContain('Unset HOLDFAST_MODE')
    expect(await world.db.listCollections().toArray()).toEqual([])
    await worker.stop()
  })

  it('refuses every call that writes, and reads', async () => {
    const { users, intents, pds, verifications, codeIndex } = world.connect()
    expect(await users.load(person.identity)).toBeNull()
    expect(await pds.accountByHandle(`nobody${world.env['PDS_HANDLE_DOMAIN']}`)).toBeNull()
    const refused = [
      () => verifications.record(person.identity),
      () => codeIndex.guard(),
      () => users.ensure(person.identity, new Date(), { by: 'index' }),
      () => intents.prepare(person.identity, person.email, () => 'password'),
      () => pds.createAccount({ handle: 'a', email: person.email, password: 'password', inviteCode: null }),
      () => pds.inviteCode(),
    ]
    for (const call of refused) await expect(call()).rejects.toMatchObject({ problem: 'observing' })
    expect(await world.db.listCollections().toArray()).toEqual([])
  })

  it.each([['signup'], ['retry'], ['verify']])('refuses the command %s, and says why', async (command) => {
    const { code, stderr } = await holdfast(world.env, command, 'atproto', person.identity)
    expect(code).toBe(2)
    expect(stderr).toContain('HOLDFAST_MODE=observe')
  })

  it('ends, and resume lets everybody go on', async () => {
    const writing = { HOLDFAST_MODE: '' }
    await world.work(undefined, writing)
    expect((await holdfast({ ...world.env, ...writing }, 'resume', 'atproto')).code).toBe(0)
    await expectComplete(world, person)
  })
})
