import { expect, it } from 'vitest'
import { createActionLog } from '../../../src/state/mongo/actions.ts'
import { openWorld } from '../../support/world.ts'

it('an outcome inserted with an earlier date does not hide the real one', async () => {
  const { db } = await openWorld()
  const log = createActionLog(db)
  const by = { name: 'ana', verified: true, via: 'command' } as const
  const nobody = { subjects: [], scope: null, reason: null, by }
  const id = await log.begin({ system: 'atproto', name: 'delete', kind: 'destroy', ...nobody })
  const failed = { outcome: 'failed', keyIds: [], count: 0, error: 'Error' } as const
  await log.end(id, { ...failed, outcome: 'succeeded', error: null })
  await db.collection('holdfast_actions').insertOne({ action: id, line: 'ended', at: new Date(0), ...failed })
  expect(await log.list({}, 10)).toMatchObject([
    { id, outcome: 'failed', contradictedBy: [{ outcome: 'succeeded' }] },
  ])
})
