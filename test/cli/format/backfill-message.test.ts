import { expect, it } from 'vitest'
import type { BackfillResult } from '../../../src/contracts/backfill.ts'
import { backfillText } from '../../../src/cli/format/backfill.ts'
import { backfillMessage } from '../../../src/workflows/lib/backfill-message.ts'

const RESULT: Omit<BackfillResult, 'message'> = {
  backfillId: 'run',
  dryRun: true,
  planId: 'plan',
  digest: 'digest',
  totalMissing: 0,
  processed: 0,
  successful: 0,
  failed: 0,
  skipped: 0,
  verified: 0,
  removals: 0,
  removed: 0,
  removable: 0,
  notices: [],
  refused: null,
  planChanges: [],
  failures: [],
}
const WHY = 'no safe automatic repair: an operator has to decide. To see them: holdfast audit atproto'

it('says of what was skipped why, what it is, and where to read on', () => {
  const one = { ...RESULT, skipped: 1, skippedKinds: { 'handle-taken': 1 } }
  expect(backfillMessage('atproto', one, 100)).toBe(
    `Nothing to repair. Nothing was changed. 1 finding was skipped (handle-taken 1), because it has ${WHY}`,
  )
  const fixed = { ...RESULT, dryRun: false, totalMissing: 2, successful: 2, verified: 2, skipped: 3 }
  expect(backfillMessage('atproto', fixed, 100)).toContain(
    `3 findings were skipped, because they have ${WHY}`,
  )
  expect(backfillMessage('atproto', RESULT, 100)).toBe('Nothing to repair. Nothing was changed.')
  expect(backfillMessage('atproto', { ...one, refused: 'plan-unknown' }, 100)).not.toContain('skipped')
})

it('says it once on the page of a dry run', () => {
  const result = { ...RESULT, totalMissing: 1, skipped: 1, skippedKinds: { 'handle-taken': 1 } }
  const text = backfillText('atproto', { ...result, message: backfillMessage('atproto', result, 100) }, [])
  expect(text.split('handle-taken').length).toBe(2)
  expect(text).not.toContain('need a decision')
})
