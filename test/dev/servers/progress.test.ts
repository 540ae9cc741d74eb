import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { terminalProgress } from '../../../dev/servers/lib/progress.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function outputTo(isTTY: boolean) {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, next) {
      text += String(chunk)
      next()
    },
  })
  Object.assign(stream, { isTTY, columns: 80, rows: 24 })
  return { stream: stream as NodeJS.WriteStream, written: () => text }
}

test.each([false, true])('a step that ends within a second prints no line (terminal: %s)', (isTTY) => {
  const { stream, written } = outputTo(isTTY)
  const step = terminalProgress(stream).step('starting MongoDB')
  vi.advanceTimersByTime(150)
  step.done()
  vi.advanceTimersByTime(60_000)
  expect(written()).not.toContain('MongoDB')
})

test('a pipe gets a line after a second, then that it still goes on, then the end', () => {
  const { stream, written } = outputTo(false)
  const step = terminalProgress(stream).step('building Temporal')
  vi.advanceTimersByTime(31_000)
  step.update('building Temporal with Go')
  vi.advanceTimersByTime(15_000)
  step.done()
  expect(written().trim().split('\n')).toEqual([
    'building Temporal …',
    'still building Temporal (15 s)',
    'still building Temporal (30 s)',
    'still building Temporal with Go (45 s)',
    'done: building Temporal with Go (46 s)',
  ])
})

test('a terminal gets a live line with its seconds for each step under way, and keeps a line for each that took long', () => {
  const { stream, written } = outputTo(true)
  const progress = terminalProgress(stream)
  const temporal = progress.step('building Temporal')
  const mongo = progress.step('fetching MongoDB')
  vi.advanceTimersByTime(5_000)
  expect(written()).toMatch(/building Temporal.*4 s[^]*fetching MongoDB.*4 s/)
  mongo.done()
  temporal.fail('building Temporal: no Go')
  expect(written()).toMatch(/✓.*fetching MongoDB.*5 s/)
  expect(written()).toMatch(/✗.*building Temporal: no Go.*5 s/)
})
