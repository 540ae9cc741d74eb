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

it('counts the failures that it does not list, and says how to find them again', () => {
  const failures = [{ identity: 'a', problem: 'mongo-refused', sentence: '', fix: '' }]
  const some = {
    ...RESULT,
    dryRun: false,
    totalMissing: 100,
    successful: 90,
    failed: 10,
    failures,
    verified: 90,
  }
  expect(backfillMessage('atproto', some, 100)).toBe(
    'Repaired 90 people; 10 people could not be repaired. The first 1 are listed; to find all of them again: ' +
      'holdfast audit atproto. verified: 90 of 100 have complete records now.',
  )
})

it('says what would be removed with and without the consent, and what was', () => {
  const message = (result: Partial<BackfillResult>) =>
    backfillMessage('atproto', { ...RESULT, ...result }, 100)
  expect(message({ totalMissing: 2, removable: 1 })).toBe(
    'Dry run: 2 people would be repaired. Nothing was changed. The records of 1 person would be removed with --remove.',
  )
  expect(message({ totalMissing: 3, removals: 1 })).toBe(
    'Dry run: 2 people would be repaired, and the records of 1 person would be removed. Nothing was changed.',
  )
  expect(message({ removable: 4 })).toContain('The records of 4 people would be removed with --remove.')
  const done = { dryRun: false, totalMissing: 3, successful: 3, removals: 1, removed: 1, verified: 3 }
  expect(message(done)).toBe(
    'Repaired 2 people. Removed the records of 1 person; verified: nothing is missing.',
  )
  expect(message({ refused: 'plan-consent' })).toContain('--remove')
})

it('says it once on the page of a dry run', () => {
  const result = { ...RESULT, totalMissing: 1, skipped: 1, skippedKinds: { 'handle-taken': 1 } }
  const text = backfillText('atproto', { ...result, message: backfillMessage('atproto', result, 100) }, [])
  expect(text.split('handle-taken').length).toBe(2)
  expect(text).not.toContain('need a decision')
})
