import { describe, expect, it } from 'vitest'
import { scheduleFindings } from '../../src/checks/temporal.ts'
import { plannedSchedules } from '../../src/client/planned-schedules.ts'
import type { ScheduleState } from '../../src/client/schedules.ts'

const now = new Date('2026-01-02T04:00:00.000Z')
const minutesFromNow = (minutes: number): string => new Date(now.getTime() + minutes * 60_000).toISOString()
const planned = plannedSchedules('atproto', [{ tenant: 'aesthetic', note: 'its log' }])
const found = (change: Partial<ScheduleState>): string[] =>
  scheduleFindings(
    'atproto',
    planned.map(({ id, note }) => ({
      id,
      note,
      exists: true,
      paused: false,
      last: null,
      next: minutesFromNow(1),
      missed: 0,
      skipped: 0,
      ...change,
    })),
    now,
  ).map(({ name, sentence, fix }) => `${name}: ${sentence} ${fix}`)

describe('check of the schedules', () => {
  it('expects catch-up, watch and audit', () => {
    expect(planned.map(({ id }) => id)).toEqual([
      'atproto-aesthetic-catch-up',
      'atproto-watch',
      'atproto-audit',
    ])
  })

  it('says each one that is missing, and the command that creates it', () => {
    const missing = found({ exists: false, next: null })
    expect(missing).toHaveLength(planned.length)
    for (const [index, { id }] of planned.entries()) {
      expect(missing[index]).toContain(`schedule-missing: `)
      expect(missing[index]).toContain(id)
      expect(missing[index]).toContain('holdfast schedules atproto apply')
    }
  })

  it('calls late what was due minutes ago and has not begun, and nothing else', () => {
    expect(found({})).toEqual([])
    expect(found({ next: minutesFromNow(-1) })).toEqual([])
    expect(found({ next: minutesFromNow(-10) }).map((said) => said.split(':')[0])).toEqual(
      planned.map(() => 'schedule-late'),
    )
    expect(found({ next: null, paused: true })[0]).toContain('schedule-paused')
  })
})
