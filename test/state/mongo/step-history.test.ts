import { randomBytes } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createStepHistory } from '../../../src/state/mongo/step-history.ts'
import { connectMongo } from '../../../src/adapters/mongo/lib/connect.ts'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { atEnd } from '../../support/at-end.ts'
import { openWorld, type World } from '../../support/world.ts'
import type { HistoryEntry } from '../../../src/state/ports/step-history.ts'

const RECORDED: HistoryEntry[] = [
  { step: 'recording', outcome: 'done' },
  { step: 'creating-code', outcome: 'done', quiet: true },
  { step: 'creating-user', outcome: 'done' },
]

let world: World
let clock = 0
let person = ''
beforeAll(async () => {
  world = await openWorld()
})
beforeEach(() => {
  clock = Date.parse('2026-01-02T03:04:05.000Z')
  person = `auth0|${randomBytes(6).toString('hex')}`
})

const tick = (): Date => new Date((clock += 1_000))
const journal = (build = '0.1.0+abc') => createStepHistory(world.db, 'atproto', build, tick)
const lines = async (): Promise<string[]> =>
  (await journal().load(person)).map(({ step, outcome, problem, times }) =>
    [step, outcome, problem, times].filter((word) => word !== null).join(' '),
  )

describe("a person's history", () => {
  it('has a line a step, in one write, and none for what goes without saying', async () => {
    await journal().record(person, RECORDED)
    expect(await journal().load(person)).toEqual([
      {
        at: '2026-01-02T03:04:06.000Z',
        last: '2026-01-02T03:04:06.000Z',
        times: 1,
        step: 'recording',
        outcome: 'done',
        problem: null,
        build: '0.1.0+abc',
      },
      expect.objectContaining({ step: 'creating-user', outcome: 'done' }),
    ])
  })

  it('has no second line for a step that was done before', async () => {
    for (let times = 0; times < 3; times += 1) await journal().record(person, RECORDED)
    expect(await lines()).toEqual(['recording done 1', 'creating-user done 1'])
  })

  it('counts up what repeats, and tells when it ended', async () => {
    const kept = journal()
    await kept.record(person, RECORDED)
    for (let times = 0; times < 3; times += 1)
      await kept.recordFailure(person, 'creating-account', 'email-taken')
    await kept.recordFailure(person, 'creating-account', 'plc-unreachable')
    await kept.recordFailure(person, 'creating-code', 'mongo-denied')
    await kept.record(person, [{ step: 'creating-account', outcome: 'done' }, ...RECORDED])
    expect(await lines()).toEqual([
      'recording done 1',
      'creating-user done 1',
      'creating-account problem email-taken 3',
      'creating-account problem plc-unreachable 1',
      'creating-code problem mongo-denied 1',
      'creating-account done 1',
      'creating-code done 1',
    ])
    const [, , taken] = await kept.load(person)
    expect(Date.parse(taken?.last ?? '') - Date.parse(taken?.at ?? '')).toBe(2_000)
  })

  it('keeps the newest of very many', async () => {
    const kept = journal()
    for (let times = 0; times < 35; times += 1) {
      await kept.recordFailure(person, 'creating-account', 'pds-failing')
      await kept.record(person, [{ step: 'creating-account', outcome: 'done' }])
    }
    const all = await lines()
    expect(all).toHaveLength(60)
    expect(all.at(-1)).toBe('creating-account done 1')
  })
})

describe('M4: the database is away while a step fails', () => {
  it("the step's failure stays the one that is heard, and its line is written with the next", async () => {
    const kept = journal()
    await kept.recordFailure(person, 'recording', 'mongo-unreachable')
    await kept.recordFailure(person, 'recording', 'mongo-unreachable')
    expect(await lines()).toEqual([])
    await kept.record(person, RECORDED)
    expect(await lines()).toEqual([
      'recording problem mongo-unreachable 1',
      'recording done 1',
      'creating-user done 1',
    ])
  })

  it('a line that cannot be written fails nothing', async () => {
    const { client, db } = connectMongo({ uri: `mongodb://127.0.0.1:${await freePort()}`, db: 'nowhere' })
    atEnd(() => client.close())
    await createStepHistory(db, 'atproto', 'x').recordFailure(person, 'creating-account', 'pds-unreachable')
    await expect(createStepHistory(db, 'atproto', 'x').record(person, RECORDED)).rejects.toMatchObject({
      problem: 'mongo-unreachable',
    })
  })
})

describe('when a step last succeeded', () => {
  it('is known for anybody, with the build', async () => {
    await journal('0.2.0+def').record(person, RECORDED)
    const found = await journal().lastSuccesses()
    expect(found).toContainEqual({
      step: 'creating-user',
      at: expect.stringMatching(/^2026-01-02T03:04/) as string,
      build: '0.2.0+def',
    })
  })
})
