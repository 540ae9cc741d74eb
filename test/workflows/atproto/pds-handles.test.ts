import { beforeAll, describe, expect, it } from 'vitest'
import { handleUnder } from '../../../src/domain/atproto/handle.ts'
import { startSignup, expectComplete, label, newPerson, address } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

const under = (name: string): string => handleUnder(name, world.env['PDS_HANDLE_DOMAIN'] ?? '')

async function signUpWith(handle: string) {
  const person = await newPerson(world, { handle })
  await startSignup(world, person)
  return expectComplete(world, person)
}

describe('P1: a handle that cannot be', () => {
  it.each([
    ['too short', '43'],
    ['too long', 'abcdefghijklmnopqrs'],
    ['reserved', 'admin'],
    ['of other characters', 'zoë'],
    ['with a space', 'a bc'],
    ['that ends in a hyphen', 'abc_'],
    ['on the list of bad words', 'c00n'],
    ['of an e-mail address', 'someone@example.com'],
    ['empty', ''],
  ])('gives an account under the user code when it is %s', async (_, handle) => {
    const status = await signUpWith(handle)
    expect(status.handle).toBe(under(status.code ?? ''))
  })

  it('gives an account under the user code when somebody else has it', async () => {
    const taken = label()
    const stranger = { handle: under(taken), email: address(), password: 'the password of a stranger' }
    const theirs = await pdsAdmin(world.env).create(stranger)
    const status = await signUpWith(taken)
    expect(status).toMatchObject({ handle: under(status.code ?? '') })
    expect(status.did).not.toBe(theirs)
  })

  it('is mapped as the application does it where that is enough', async () => {
    const name = label()
    expect(await signUpWith(`@${name.toUpperCase()}.x`)).toMatchObject({ handle: under(`${name}-x`) })
  })
})

describe('P2: a.b, a_b and a-b', () => {
  it('give three accounts, one of them under the handle', async () => {
    const name = label()
    const people = await Promise.all(
      ['.', '_', '-'].map((dot) => newPerson(world, { handle: `${name}${dot}b` })),
    )
    await Promise.all(people.map((person) => startSignup(world, person)))
    const all = await Promise.all(people.map((person) => expectComplete(world, person)))
    expect(new Set(all.map(({ did }) => did)).size).toBe(3)
    const byHandle = all.filter(({ handle }) => handle === under(`${name}-b`))
    const byCode = all.filter(({ handle, code }) => handle === under(code ?? ''))
    expect([byHandle.length, byCode.length]).toEqual([1, 2])
  })
})
