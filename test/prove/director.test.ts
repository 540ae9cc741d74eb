import { afterEach, beforeEach, expect, it } from 'vitest'
import { startDirector, type Director } from '../../prove/director.ts'
import type { FaultInstruction } from '../../prove/fault-protocol.ts'
import type { Fault } from '../../prove/plan.ts'

let director: Director
let happened: string[]
let away: boolean
beforeEach(async () => {
  happened = []
  away = false
  director = await startDirector({
    outage: async (what) => {
      if (!away) happened.push(what)
      return !away
    },
    struck: (what) => void happened.push(`counted: ${what}`),
  })
})
afterEach(() => director.close())

const fault = (nth: number, what: Fault['what']): Fault => ({
  at: { who: 0, call: 'users.ensure', nth },
  what,
})
const begin = (...faults: Fault[]) => director.startRound(faults, (id) => (id === 'signup/a' ? 0 : null))

async function asked(
  workflowId: string | null = 'signup/a',
  call = 'users.ensure',
): Promise<FaultInstruction> {
  const answer = await fetch(director.url, { method: 'POST', body: JSON.stringify({ workflowId, call }) })
  return (await answer.json()) as FaultInstruction
}

it('a fault happens at the n-th call of that person, whichever worker asks, and once', async () => {
  begin(fault(2, 'worker dies after'))
  expect(await asked()).toEqual({})
  expect(await asked('signup/b')).toEqual({})
  expect(await asked('signup/a', 'users.load')).toEqual({})
  expect(await asked()).toEqual({ die: 'after' })
  expect(await asked()).toEqual({})
  expect(happened).toEqual(['counted: worker dies after'])
  expect(director.lastStruck()).toBeGreaterThan(0)
})

it('an outage happens before the call goes on; one of a server that is away already is not counted', async () => {
  begin(fault(1, 'pds is away'), fault(1, 'answers 429'), fault(2, 'pds restarts'))
  expect(await asked()).toEqual({ answer: 429 })
  away = true
  expect(await asked()).toEqual({})
  expect(happened).toEqual(['pds is away', 'counted: pds is away', 'counted: answers 429'])
})

it('a call outside of any step, and what was planned for an earlier round, meets nothing', async () => {
  begin(fault(1, 'no answer'))
  expect(await asked(null)).toEqual({})
  begin()
  expect(await asked()).toEqual({})
})
