import { describe, expect, it } from 'vitest'
import type { Intake } from '../../src/intake/intake.ts'
import { createEventReader } from '../../src/intake/atproto/read-event.ts'
import { retryQuarantined } from '../../src/intake/retry-quarantined.ts'
import type { OriginalContent, Quarantine } from '../../src/state/ports/quarantine.ts'

/** One entry in quarantine, and an intake that records the entries it takes. */
function setUp(content: string, original: OriginalContent | null = null) {
  const taken: string[] = []
  const removed: string[] = []
  const entry = {
    id: 'one',
    system: 'atproto',
    tenant: 'aesthetic',
    reason: 'as it was',
    firstSeen: '',
    lastSeen: '',
    times: 1,
    expiresAt: '',
    content,
    original,
  }
  const quarantine = {
    open: async () => entry,
    updateReason: async () => {},
    remove: async (ids: readonly string[]) => removed.push(...ids),
  } as unknown as Quarantine
  const intake = {
    async take(_: unknown, entries: readonly { readonly bytes: Uint8Array }[]) {
      taken.push(...entries.map(({ bytes }) => new TextDecoder().decode(bytes)))
    },
  } as unknown as Intake
  const readEvent = createEventReader([{ name: 'aesthetic', idPrefix: '' }])
  const deps = { quarantine, intake, tenants: ['aesthetic'], readEvent }
  const retry = () => retryQuarantined(deps, 'one')
  return { retry, taken, removed }
}

const READABLE = '{"log_id":"1","data":{"type":"ss","user_id":"auth0|a"}}'

describe('E3: an entry that is brought back from quarantine', () => {
  it('is taken as it came where it reads now', async () => {
    const { retry, taken, removed } = setUp(READABLE)
    expect(await retry()).toMatchObject({ outcome: 'taken' })
    expect([taken, removed]).toEqual([[READABLE], ['one']])
  })

  it.each([
    ['no JSON', '{"type":', 'not JSON'],
    ['too deep', '['.repeat(65) + ']'.repeat(65), 'more than 64 levels deep'],
    ['no event', '{}', 'not a log entry: no type'],
  ])('stays with its reason where it is %s', async (_, content, reason) => {
    const { retry, taken, removed } = setUp(content)
    expect(await retry()).toEqual({ id: 'one', outcome: 'kept', reason })
    expect([taken, removed]).toEqual([[], []])
  })

  it('E14: stays where only a part of it is stored, whatever that part reads as', async () => {
    const { retry, taken, removed } = setUp(READABLE, { bytes: 3_000_000, sha256: 'a' })
    expect(await retry()).toEqual({ id: 'one', outcome: 'kept', reason: 'as it was' })
    expect([taken, removed]).toEqual([[], []])
  })
})
