import { beforeAll, describe, expect, it } from 'vitest'
import { handleUnder } from '../../../src/domain/atproto/handle.ts'
import {
  address,
  startSignup,
  expectComplete,
  label,
  meets,
  newPerson,
  reaches,
  retry,
} from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  // As after a migration: existing accounts may be those of the former system.
  await world.startWorker((deps) => ({ ...deps, adoptBefore: new Date(Date.now() + 3_600_000) }))
})

const under = (name: string): string => handleUnder(name, world.env['PDS_HANDLE_DOMAIN'] ?? '')
const strangerWith = (email: string): Promise<string> =>
  pdsAdmin(world.env).create({ handle: under(label()), email, password: 'a password of their own' })

describe("P4: the account's e-mail is taken", () => {
  it('by an account the system before us left half-made under the user code: it is adopted', async () => {
    const earlier = await newPerson(world) // the password with which the PDS names its keys
    await startSignup(world, earlier)
    await expectComplete(world, earlier)
    const person = await newPerson(world)
    const code = 'ac24bacad'
    await collections(world.db).users.insertOne({ _id: person.identity, code, when: new Date() })
    const made = await pdsAdmin(world.env).create({
      handle: under(code),
      email: person.email,
      password: 'nobody kept this',
    })
    await startSignup(world, person)
    expect(await expectComplete(world, person)).toMatchObject({ did: made, handle: under(code) })
  })

  it('by a stranger: a problem with its fix, others go on, and it completes when that account is gone', async () => {
    const person = await newPerson(world)
    const other = await newPerson(world)
    const stranger = await strangerWith(person.email)
    await startSignup(world, person)
    await startSignup(world, other)
    const { stage, problem } = await meets(world, person, 'email-taken')
    expect(stage).toBe('creating-account')
    expect(problem?.fix).toContain(`holdfast retry atproto '${person.identity}'`)
    expect(JSON.stringify(problem)).not.toContain(person.email)
    await expectComplete(world, other)

    await pdsAdmin(world.env).remove(stranger)
    await retry(world, person)
    expect((await expectComplete(world, person)).did).not.toBe(stranger)
  })

  it('by a stranger: it completes when the person takes another address', async () => {
    const person = await newPerson(world)
    await strangerWith(person.email)
    await startSignup(world, person)
    await meets(world, person, 'email-taken')
    const changed = { ...person, email: address() }
    world.auth0.changeEmail(person.identity, changed.email, true)
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailChanged' })
    await expectComplete(world, changed, { count: 2 })
  })
})

describe('P5: an address the PDS never takes', () => {
  const disposable = (): string => `${label()}@mailinator.com`

  it('ends the signup as refused, explained, with nothing tried again', async () => {
    const person = await newPerson(world, { email: disposable() })
    await startSignup(world, person)
    const status = await reaches(world, person, 'refused')
    expect(status.problem).toMatchObject({ name: 'email-unsupported', nextTryAt: null, attempts: 1 })
    expect(status.problem?.fix).toContain(`holdfast signup atproto '${person.identity}'`)
    const handle = world.temporal.workflow.getHandle(world.idOf(person.identity))
    expect((await handle.describe()).status.name).toBe('COMPLETED')
    expect(await handle.result()).toMatchObject({ stage: 'refused', problem: { name: 'email-unsupported' } })
    const { users, verifications } = collections(world.db)
    expect(await users.findOne({ _id: person.identity })).toMatchObject({ code: status.code })
    expect(await verifications.findOne({ _id: person.identity })).toMatchObject({ count: 1 })
  })

  it('and the person who then takes another address is served', async () => {
    const person = await newPerson(world, { email: disposable() })
    await startSignup(world, person)
    await reaches(world, person, 'refused')
    const changed = { ...person, email: address() }
    world.auth0.changeEmail(person.identity, changed.email, true)
    await world.signups.notify({ tenant: 'aesthetic', identity: person.identity, hint: 'emailChanged' })
    await expectComplete(world, changed, { count: 2 })
  })
})
