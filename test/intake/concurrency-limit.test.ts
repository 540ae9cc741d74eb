import { expect, it } from 'vitest'
import { limitConcurrency } from '../../src/intake/concurrency-limit.ts'

it('runs no more at once than it may, in the order they came, and goes on after a failure', async () => {
  const paced = limitConcurrency(2)
  const order: number[] = []
  let running = 0
  let most = 0
  const work = (id: number) =>
    paced(async () => {
      order.push(id)
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      running -= 1
      if (id === 1) throw new Error('one of them')
      return id
    })
  const all = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work))
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
  expect(all.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    ...Array.from({ length: 4 }, () => 'fulfilled'),
  ])
  await expect(work(6)).resolves.toBe(6)
})
