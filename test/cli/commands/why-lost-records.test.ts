import { beforeAll, describe, expect, it } from 'vitest'
import type { WhyPage } from '../../../src/contracts/why.ts'
import { createPersonMemory } from '../../../src/state/mongo/atproto/person-memory.ts'
import { jsonOf, type CommandResult } from '../../support/command.ts'
import { startSignup, expectComplete, label, newPerson, type Person } from '../../support/people.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

// Each case runs the command several times.
let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
})

/** A completed person whose application records are all gone, and whose account exists. */
async function lost(chosen: string | undefined) {
  const person = await newPerson(world, chosen === undefined ? {} : { handle: chosen })
  await startSignup(world, person)
  const { code, did, handle } = await expectComplete(world, person)
  const { users, verifications, handles } = collections(world.db)
  for (const records of [users, verifications, handles])
    await records.deleteOne({ _id: person.identity as never })
  return { person, code: code ?? '', did: did ?? '', handle: handle ?? '' }
}

async function expectFound(person: Person, ways: readonly string[]): Promise<void> {
  for (const way of ways) {
    const told = (await jsonOf(world.env, 'why', 'atproto', way)) as unknown as CommandResult<WhyPage>
    const { code: exit, document } = told
    expect({ way, exit, identity: document.identity }).toEqual({ way, exit: 0, identity: person.identity })
    const pds = document.stores.find(({ store }) => store === 'PDS')
    expect(pds?.text).toMatch(/^did:plc:.+, active, Auth0's address$/)
  }
}

describe('M10: why of a person whose records are gone and whose account lives', () => {
  it('finds the person by DID, code and whole handle', async () => {
    const { person, code, did, handle } = await lost(undefined)
    await expectFound(person, [did, code, code.toUpperCase(), handle, `@${handle}`])
  })

  it('finds a person with a chosen handle by it, bare and whole, by DID and by code', async () => {
    const chosen = label()
    const { person, code, did, handle } = await lost(chosen)
    expect(handle.startsWith(`${chosen}.`)).toBe(true)
    await expectFound(person, [did, code, chosen, `@${chosen}`, handle])
  })

  it('finds the person by a former code, after another was drawn', async () => {
    const { person, code, did } = await lost(undefined)
    await createPersonMemory(world.db).rememberUser(person.identity, { code: 'ac20zzzzz', when: new Date() })
    await expectFound(person, [code, 'ac20zzzzz', did])
  })

  it('finds the person by the handle the PDS has now, where Holdfast remembers another', async () => {
    const { person, did, handle } = await lost(label())
    await world.db
      .collection('holdfast_people')
      .updateOne({ _id: person.identity as never }, { $set: { handle: 'former.example.com' } })
    await expectFound(person, [handle, did])
  })

  it('names the account where Holdfast remembers nothing of the person either', async () => {
    const { person, did, handle } = await lost(undefined)
    await world.db.collection('holdfast_people').deleteOne({ _id: person.identity as never })
    for (const way of [did, handle]) {
      const { code, document } = await jsonOf(world.env, 'why', 'atproto', way)
      expect(code).toBe(1)
      expect(document['error']).toContain(
        `The PDS hosts ${did}, handle ${handle}. No user record refers to it`,
      )
    }
  })
})
