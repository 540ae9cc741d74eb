import { ApplicationFailure } from '@temporalio/common'
import { expect, it, vi } from 'vitest'
import { attempts, QUICK_RETRIES } from '../../../src/workflows/lib/attempts.ts'

const sleep = vi.hoisted(() => vi.fn(() => Promise.resolve()))
vi.mock('@temporalio/workflow', async (original) => ({ ...(await original<object>()), sleep }))

const failure = (notAsked: boolean): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'mongo-unreachable',
    details: [{ detail: {}, ...(notAsked ? { notAsked } : {}) }],
  })

it('M4: calls that a breaker kept from being made use up no attempt, and come back less and less often', async () => {
  const answers = [...Array.from({ length: 5 }, () => failure(true)), failure(false), failure(false)]
  const step = vi.fn(() => {
    const next = answers.shift()
    return next === undefined ? Promise.resolve('done') : Promise.reject(next)
  })
  expect(await attempts(step, QUICK_RETRIES)).toBe('done')
  expect(step).toHaveBeenCalledTimes(8)
  const waits = sleep.mock.calls.map((call: unknown[]) => Number(call[0]))
  expect(waits.slice(0, 5)).toEqual(waits.slice(0, 5).toSorted((a, b) => a - b))
  expect(waits.slice(5)).toEqual([1_000, 3_000])
})

it('the last failure is thrown once the attempts are used up', async () => {
  const last = failure(false)
  const step = vi.fn(() => Promise.reject(last))
  await expect(attempts(step, QUICK_RETRIES)).rejects.toBe(last)
  expect(step).toHaveBeenCalledTimes(3)
})
