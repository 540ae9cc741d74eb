import { describe, expect, it, vi } from 'vitest'
import { OutsideError } from '../../src/domain/outside-error.ts'
import { createDuplicates } from '../../src/intake/duplicates.ts'
import type { SeenEvents } from '../../src/state/ports/seen-events.ts'

/** A store whose writes end when the test ends them; with `failure` its queries fail. */
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
    async record(tenant, ids) {
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

/** Ends the write of the note with that number, once that write has begun. */
async function end({ ends }: ReturnType<typeof slowStore>, note: number, error?: Error): Promise<void> {
  const { resolve, reject } = await vi.waitUntil(() => ends[note])
  if (error === undefined) resolve()
  else reject(error)
}

describe('E1: an event that is durable', () => {
  it('is known while its note is being written, to its own tenant, and after it', async () => {
    const store = slowStore()
    store.duplicates.record('aesthetic', ['a', 'b'])
    expect(await knownOf(store, 'aesthetic', 'a', 'b', 'c')).toEqual(['a', 'b'])
    expect(await knownOf(store, 'sotce', 'a')).toEqual([])
    expect(store.asked).toEqual([['c'], ['a']])

    await end(store, 0)
    await store.duplicates.flush()
    expect(await knownOf(store, 'aesthetic', 'a', 'c')).toEqual(['a'])
    expect(store.asked.at(-1)).toEqual(['a', 'c'])
  })

  it.each([new OutsideError('mongo-unreachable', 'away'), new TypeError('a mistake of ours')])(
    'is new again where it could not be noted, and the log says so (%s)',
    async (error) => {
      const store = slowStore()
      store.duplicates.record('aesthetic', ['a'])
      await end(store, 0, error)
      await store.duplicates.flush()
      expect(await knownOf(store, 'aesthetic', 'a')).toEqual([])
      expect(store.warnings).toEqual([
        'not recorded as processed: if it is delivered again, it is processed again',
      ])
    },
  )

  it('is waited for by whoever closes the database', async () => {
    const store = slowStore()
    let settled = false
    for (const id of ['a', 'b']) store.duplicates.record('aesthetic', [id])
    const waiting = store.duplicates.flush().then(() => (settled = true))
    await end(store, 0)
    await store.duplicates.known('aesthetic', [])
    expect(settled).toBe(false)
    await end(store, 1)
    await waiting
  })
})

describe('a database that is away', () => {
  it('makes nothing a duplicate, and the log says so', async () => {
    const { duplicates, warnings } = slowStore(new OutsideError('mongo-unreachable', 'away'))
    expect(await duplicates.known('aesthetic', ['a'])).toBeNull()
    expect(warnings).toEqual(['duplicates cannot be detected: every event is processed'])
  })

  it('is no excuse for a mistake of ours', async () => {
    const { duplicates } = slowStore(new TypeError('a mistake'))
    await expect(duplicates.known('aesthetic', ['a'])).rejects.toThrow('a mistake')
  })
})

describe('E1: a login', () => {
  it('that this process took is known when it comes again, to its own tenant', () => {
    const { duplicates } = slowStore()
    duplicates.recordLogins('aesthetic', ['a'])
    expect([...duplicates.knownLogins('aesthetic', ['a', 'b'])]).toEqual(['a'])
    expect([...duplicates.knownLogins('sotce', ['a'])]).toEqual([])
  })

  it('is forgotten after 20,000 others, so that memory stays bounded', () => {
    const { duplicates } = slowStore()
    duplicates.recordLogins('aesthetic', ['first', 'second'])
    duplicates.recordLogins(
      'aesthetic',
      Array.from({ length: 19_999 }, (_, index) => String(index)),
    )
    expect([...duplicates.knownLogins('aesthetic', ['first', 'second'])]).toEqual(['second'])
  })
})
