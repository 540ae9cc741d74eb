import { expect, it } from 'vitest'
import type { HistoryEvent } from '../../src/contracts/history.ts'
import { historyText } from '../../src/domain/history.ts'

it('a step that the system has no word for is named as it was recorded, so that the page stays readable', () => {
  const event = { step: 'activating-key', outcome: 'done', problem: null, times: 2 }
  expect(historyText('atproto', event as unknown as HistoryEvent)).toBe('activating-key: done, 2 times')
})
