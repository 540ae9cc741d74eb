import { expect, it } from 'vitest'
import { rawEntry } from '../../src/domain/events/split-delivery.ts'
import { createEventReader } from '../../src/intake/atproto/read-event.ts'
import { createIntake, type IntakeDeps } from '../../src/intake/intake.ts'
import type { NotedEvent } from '../../src/state/ports/noted-events.ts'

it('D10: a failed mail of a deleted person is counted, and noted of nobody', async () => {
  const noted: NotedEvent[] = []
  const parts = {
    seenEvents: { known: () => Promise.resolve(new Set()), record: () => Promise.resolve() },
    quarantine: { store: () => Promise.resolve({ notStored: 0 }) },
    tombstones: { findAll: () => Promise.resolve(new Map([['sotce-auth0|gone', {}]])) },
    notedEvents: {
      record: (_: string, events: NotedEvent[]) => {
        noted.push(...events)
        return Promise.resolve()
      },
    },
    cursors: { servedSince: () => Promise.resolve(null) },
    logger: { warn: () => {} },
  }
  const tenant = { name: 'sotce', idPrefix: 'sotce-' }
  const news = { readEvent: createEventReader([tenant]) }
  const intake = createIntake({ ...parts, news } as unknown as IntakeDeps)
  const entries = ['auth0|gone', 'auth0|here'].map((user_id) =>
    rawEntry(new TextEncoder().encode(JSON.stringify({ type: 'fvr', user_id }))),
  )
  expect(await intake.take(tenant.name, entries, 'live')).toMatchObject({ ignored: 2 })
  expect(noted.map(({ code, identity }) => ({ code, identity }))).toEqual([
    { code: 'fvr', identity: null },
    { code: 'fvr', identity: 'sotce-auth0|here' },
  ])
})
