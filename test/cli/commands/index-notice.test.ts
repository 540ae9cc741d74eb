import { beforeAll, describe, expect, it } from 'vitest'
import { holdfast, jsonOf, pageOf, statusOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { startSignup, expectComplete, newPerson, type Person } from '../../support/people.ts'
import { collections, openWorld, type World } from '../../support/world.ts'

let world: World
let person: Person
beforeAll(async () => {
  world = await openWorld()
  await collections(world.db).users.createIndex({ code: 1 }, { name: 'code_1', sparse: true })
  await world.startWorker()
  person = await newPerson(world)
  await startSignup(world, person)
  await expectComplete(world, person)
  await eventually('visibility has it', async () => (await world.reader.list({})).signups.length === 1)
})

/** Every text and document that may contain the notice, by the command that prints it. */
async function told(): Promise<Record<string, string>> {
  const of = person.identity
  const list = await pageOf(world.env, 'list', 'atproto')
  const status = await statusOf(world.env, 'status', 'atproto', of)
  const why = await jsonOf(world.env, 'why', 'atproto', of)
  return {
    list: (list.document.signups[0]?.notices ?? []).join('\n'),
    'list, as text': (await holdfast(world.env, 'list', 'atproto')).stdout,
    status: status.document.notices.join('\n'),
    'status, as text': (await holdfast(world.env, 'status', 'atproto', of)).stdout,
    why: JSON.stringify(why.document['notices']),
    'why, as text': (await holdfast(world.env, 'why', 'atproto', of)).stdout,
  }
}

const speaking = (texts: Record<string, string>): string[] =>
  Object.keys(texts)
    .filter((name) => /users\.code|code_1/.test(texts[name] ?? ''))
    .toSorted()

describe('M8: the notice about an index that does not keep codes apart', () => {
  it('stands in list, status and why while the index is so, and in none once it is correct', async () => {
    const before = await told()
    expect(speaking(before)).toEqual(Object.keys(before).toSorted())

    const { code } = await holdfast(world.env, 'diagnose', 'atproto', '--fix-index', '--yes')
    expect(code).toBe(0)
    expect(speaking(await told())).toEqual([])
  })

  it('returns where the index is spoilt again', async () => {
    const { users } = collections(world.db)
    await users.dropIndexes()
    await users.createIndex({ code: 1 }, { name: 'code_1', sparse: true })
    const texts = await told()
    expect(speaking(texts)).toEqual(Object.keys(texts).toSorted())
  })
})
