import { describe, expect, it } from 'vitest'
import { clampedDate, plausibleDate } from '../../src/domain/external-date.ts'

const now = new Date('2026-11-29T09:00:00.000Z')
const iso = (date: Date | null): string | null => date?.toISOString() ?? null

describe('E16: a date from outside', () => {
  it.each([
    ['the recent past', '2026-11-29T08:59:00.000Z', '2026-11-29T08:59:00.000Z', '2026-11-29T08:59:00.000Z'],
    ['years ago', '2013-05-01T00:00:00.000Z', '2013-05-01T00:00:00.000Z', '2013-05-01T00:00:00.000Z'],
    ['a clock that is ahead', '2026-11-29T09:04:00.000Z', now.toISOString(), now.toISOString()],
    ['tomorrow', '2026-11-30T09:00:00.000Z', now.toISOString(), null],
    ['the year 9999', '9999-12-31T00:00:00.000Z', now.toISOString(), null],
    ['the last date there is', '+275760-09-13T00:00:00.000Z', now.toISOString(), null],
    ['the year 0001', '0001-01-01T00:00:00.000Z', null, null],
    ['the epoch', '1970-01-01T00:00:00.000Z', null, null],
    ['a negative year', '-000001-01-01T00:00:00.000Z', null, null],
    ['no date', 'yesterday', null, null],
    ['nothing', undefined, null, null],
    ['null', null, null, null],
    ['empty text', '', null, null],
  ])('%s: clamped for a tombstone or a change, looked up for a code', (_, told, clamped, plausible) => {
    expect(iso(clampedDate(told, now))).toBe(clamped)
    expect(iso(plausibleDate(told, now))).toBe(plausible)
  })
})
