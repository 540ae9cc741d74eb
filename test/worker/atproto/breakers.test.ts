import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it, vi } from 'vitest'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import { outsideActivityContext } from '../../../src/activities/lib/cancellation.ts'
import { PdsRefusedError } from '../../../src/adapters/pds/errors.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { withBreakers, createBreakers } from '../../../src/worker/atproto/breakers.ts'
import { withCommonGuards, type CommonDeps } from '../../../src/worker/common-deps.ts'
import { withBreaker } from '../../../src/worker/breakers.ts'

const inActivity = <T>(run: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run(run)
function fail(error: Error): () => Promise<never> {
  return async () => {
    throw error
  }
}
const auth0 = (answer: string) => new OutsideError('auth0-unreachable', 'of the test', { detail: { answer } })
const well = () => Promise.resolve('well')

describe('T9: what opens the breaker of a dependency', () => {
  it.each<[string, Error, boolean]>([
    ['no answer of Auth0', auth0('TimeoutError'), true],
    ["a gateway's 503", auth0('HTTP 503'), true],
    ['a 400 for one id of a wrong form', auth0('HTTP 400'), false],
    ['a refusal', new OutsideError('auth0-denied', 'of the test'), false],
    ['a rate limit', new OutsideError('auth0-rate-limited', 'of the test', { retryAt: new Date() }), false],
    ['a fault of our own', new TypeError('of the test'), false],
  ])('%s: %s', async (_, error, opens) => {
    const breaker = createBreakers().auth0('aesthetic')
    await expect(breaker.run(fail(error))).rejects.toBe(error)
    const next = breaker.run(well)
    if (!opens) expect(await next).toBe('well')
    else
      await expect(next).rejects.toMatchObject({
        problem: 'auth0-unreachable',
        notAsked: true,
        retryAt: expect.any(Date) as Date,
      })
  })

  it('an answer of the PDS that refuses a handle opens nothing', async () => {
    const { pds } = createBreakers()
    const refused = new PdsRefusedError('handle-taken', null)
    await expect(pds.run(fail(refused))).rejects.toBe(refused)
    expect(await pds.run(well)).toBe('well')
  })

  it('one tenant of Auth0 says nothing of another', async () => {
    const { auth0: of } = createBreakers()
    await expect(of('aesthetic').run(fail(auth0('TimeoutError')))).rejects.toThrow()
    expect(await of('sotce').run(well)).toBe('well')
    await expect(of('aesthetic').run(well)).rejects.toMatchObject({ notAsked: true })
  })
})

describe('while a breaker is open', () => {
  const away = new OutsideError('mongo-unreachable', 'of the test')

  it('the steps of an activity fail fast; what must be done whatever became of it is tried all the same', async () => {
    const { mongo } = createBreakers()
    const find = vi.fn(fail(away))
    const part = withBreaker(mongo, { find })
    await expect(inActivity(() => part.find())).rejects.toBe(away)
    await expect(inActivity(() => part.find())).rejects.toMatchObject({ notAsked: true })
    expect(find).toHaveBeenCalledTimes(1)
    await expect(inActivity(() => outsideActivityContext(() => part.find()))).rejects.toBe(away)
    expect(find).toHaveBeenCalledTimes(2)
  })

  it.each(['tombstones', 'switches', 'safetyLimits', 'oldDeletions', 'personMemory'] as const)(
    'M4: a step of a deletion does not ask for %s once more',
    async (part) => {
      const breakers = createBreakers()
      await expect(breakers.mongo.run(fail(away))).rejects.toBe(away)
      const ask = vi.fn(well)
      const deps = new Proxy({}, { get: () => ({ ask }) }) as AtprotoDeps & CommonDeps
      const connections = { breaker: breakers.mongo, guard: () => Promise.resolve() }
      const guarded =
        part === 'personMemory' ? withBreakers(deps, breakers) : withCommonGuards(deps, connections)
      const wrapped = guarded[part] as unknown as { ask: () => Promise<string> }
      await expect(inActivity(() => wrapped.ask())).rejects.toMatchObject({ notAsked: true })
      expect(ask).not.toHaveBeenCalled()
    },
  )
})
