import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readAhead } from '../../../src/activities/lib/read-ahead.ts'

/** Pages 1 to `last`; `read` are the requested pages, and `ended` those whose reading has ended. */
function pages(last: number, failsAt = Infinity) {
  const read: number[] = []
  const ended: number[] = []
  const ahead = readAhead(
    1,
    async (page) => {
      read.push(page)
      await turn()
      ended.push(page)
      if (page === failsAt) throw new Error(`page ${page} cannot be read`)
      return page
    },
    (page) => (page === last ? null : page + 1),
  )
  return { read, ended, ahead }
}

describe('pages read ahead', () => {
  it('come in order, and the next is read while one is worked on', async () => {
    const { read, ahead } = pages(3)
    const seen: [page: number, read: number[]][] = []
    for await (const page of ahead) seen.push([page, [...read]])
    expect(seen).toEqual([
      [1, [1, 2]],
      [2, [1, 2, 3]],
      [3, [1, 2, 3]],
    ])
  })

  it('fail in their turn, after the pages before them', async () => {
    const { ahead } = pages(3, 2)
    const seen: number[] = []
    const all = async (): Promise<void> => {
      for await (const page of ahead) {
        seen.push(page)
        await turn() // the next page has failed by now, but has not been requested
        await turn()
      }
    }
    await expect(all()).rejects.toThrow('page 2 cannot be read')
    expect(seen).toEqual([1])
  })

  it('leave no page being read behind when the work stops', async () => {
    const { ended, ahead } = pages(3, 2)
    const all = async (): Promise<void> => {
      for await (const page of ahead) throw new Error(`page ${page} cannot be worked on`)
    }
    await expect(all()).rejects.toThrow('page 1 cannot be worked on')
    expect(ended).toEqual([1, 2])
  })
})
