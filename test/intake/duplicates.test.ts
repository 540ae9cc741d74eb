import { describe, expect, it } from 'vitest'
import type { SeenEvents } from '../../src/adapters/mongo/seen-events.ts'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { createDuplicates } from '../../src/intake/duplicates.ts'

/** A store whose writes end when they are told to; one that is asked in vain where there is a `failure`. */
function slowStore(failure?: Error) {
  const written = new Set<string>()
  const asked: string[][] = []
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = []
  const warnings: unknown[] = []
  const seen: SeenEvents = {
    async known(tenant, ids) {
      asked.push([...ids])
      if (failure !== undefined) throw failure
      return new Set(ids.filter((id) => written.has(`${tenant}/${id}`)))
    },
    async note(tenant, ids) {
      await new Promise<void>((resolve, reject) => void ends.push({ resolve, reject }))
      for (const id of ids) written.add(`${tenant}/${id}`)
    },
  }
  const logger = { warn: (...said: unknown[]) => void warnings.push(said.at(-1)) }
  return { asked, ends, warnings, duplicates: createDuplicates(seen, logger) }
}

const knownOf = async (of: ReturnType<typeof slowStore>, tenant: string, ...ids: string[]) => [
  ...((await of.duplicates.known(tenant, ids)) ?? ['nothing could be asked']),
]

describe('E1: an event that is durable', () => {
  it('is known while its note is being written, to its own tenant, and after it', async () => {
    const store = slowStore()
    store.duplicates.note('aesthetic', ['a', 'b'])
    expect(await knownOf(store, 'aesthetic', 'a', 'b', 'c')).toEqual(['a', 'b'])
    expect(await knownOf(store, 'sotce', 'a')).toEqual([])
    expect(store.asked).toEqual([['c'], ['a']])

    store.ends[0]?.resolve()
    await store.duplicates.settled()
    expect(await knownOf(store, 'aesthetic', 'a', 'c')).toEqual(['a'])
    expect(store.asked.at(-1)).toEqual(['a', 'c'])
  })

  it.each([new OutsideError('mongo-unreachable', 'away'), new TypeError('a mistake of ours')])(
    'is new again where it could not be noted, and the log says so (%s)',
    async (error) => {
      const store = slowStore()
      store.duplicates.note('aesthetic', ['a'])
      store.ends[0]?.reject(error)
      await store.duplicates.settled()
      expect(await knownOf(store, 'aesthetic', 'a')).toEqual([])
      expect(store.warnings).toEqual(['not noted as taken: if it comes again, it is passed on again'])
    },
  )

  it('is waited for by whoever closes the database', async () => {
    const store = slowStore()
    let settled = false
    for (const id of ['a', 'b']) store.duplicates.note('aesthetic', [id])
    const waiting = store.duplicates.settled().then(() => (settled = true))
    store.ends[0]?.resolve()
    await store.duplicates.known('aesthetic', [])
    expect(settled).toBe(false)
    store.ends[1]?.resolve()
    await waiting
  })
})

describe('a database that is away', () => {
  it('makes nothing a duplicate, and the log says so', async () => {
    const { duplicates, warnings } = slowStore(new OutsideError('mongo-unreachable', 'away'))
    expect(await duplicates.known('aesthetic', ['a'])).toBeNull()
    expect(warnings).toEqual(['duplicates are not told apart: every event is passed on'])
  })

  it('is no excuse for a mistake of ours', async () => {
    const { duplicates } = slowStore(new TypeError('a mistake'))
    await expect(duplicates.known('aesthetic', ['a'])).rejects.toThrow('a mistake')
  })
})
