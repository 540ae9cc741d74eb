import { describe, expect, it } from 'vitest'
import { rawEntry } from '../../src/domain/events/split-delivery.ts'
import { createListedUsers } from '../../src/intake/atproto/listed-users.ts'
import { createEventReader } from '../../src/intake/atproto/read-event.ts'
import { createIntake, type IntakeDeps } from '../../src/intake/intake.ts'
import type { UnreadableEntry } from '../../src/state/ports/quarantine.ts'

const plain = { name: 'aesthetic', idPrefix: '' }
const sotce = { name: 'sotce', idPrefix: 'sotce-' }
const tenants = [plain, sotce]

function door() {
  const kept: UnreadableEntry[] = []
  const told: string[] = []
  const parts = {
    signups: {
      notify: ({ identity }: { identity: string }) => {
        told.push(identity)
        return Promise.resolve({ workflowId: '' })
      },
    },
    seenEvents: { known: () => Promise.resolve(new Set()), record: () => Promise.resolve() },
    quarantine: {
      store: (entries: UnreadableEntry[]) => {
        kept.push(...entries)
        return Promise.resolve({ notStored: 0 })
      },
    },
    cursors: { servedSince: () => Promise.resolve(null) },
    news: { readEvent: createEventReader(tenants) },
    logger: { warn: () => {} },
  }
  const intake = createIntake(parts as unknown as IntakeDeps)
  const everybody = (identities: readonly string[]) => Promise.resolve(new Set(identities))
  const takeListedUsers = createListedUsers({
    intake,
    missingRecords: { withoutRecords: everybody, withoutAccount: everybody },
    admitLost: () => Promise.resolve(),
    tenants,
    hash: String,
  })
  return { intake, takeListedUsers, kept, told }
}

const REFUSED = ['..', 'samlp|nul\0', 'samlp|half \ud83d', 'sotce-auth0|x']

describe('E15, X1: ids that cannot be used', () => {
  it('are quarantined with the reason, in events and in lists alike, and their neighbours are taken', async () => {
    const events = door()
    const entries = [...REFUSED, 'samlp|acme|Jane Doe'].map((user_id) =>
      rawEntry(new TextEncoder().encode(JSON.stringify({ type: 'ss', user_id }))),
    )
    expect(await events.intake.take(plain.name, entries, 'live')).toMatchObject({
      accepted: 1,
      quarantined: 4,
    })

    const lists = door()
    const users = [...REFUSED, 'samlp|acme|Jane Doe'].map((userId) => ({
      userId,
      at: '2026-01-01T00:00:00Z',
    }))
    expect(await lists.takeListedUsers(plain, 'created', users)).toBe(1)

    for (const { kept, told } of [events, lists]) {
      expect(told).toEqual(['samlp|acme|Jane Doe'])
      expect(kept.map(({ reason }) => reason)).toEqual([
        expect.stringContaining('no provider issues'),
        expect.stringContaining('NUL'),
        expect.stringContaining('lone surrogate'),
        expect.stringContaining('another tenant (sotce)'),
      ])
    }
  })
})
