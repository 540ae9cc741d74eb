import { createCatchUps } from '../../src/client/catch-ups.ts'
import type { CatchUpProgress } from '../../src/contracts/catch-up.ts'
import type { World } from './world.ts'

/** Has a tenant's log and users read to their end, and returns what came of it. */
export async function catchUp(world: World, tenant = 'aesthetic'): Promise<CatchUpProgress> {
  const { workflowId } = await createCatchUps(world.temporal).start(tenant)
  return (await world.temporal.workflow.getHandle(workflowId).result()) as CatchUpProgress
}

interface CursorDocument {
  _id: string
  checkpoint: string | null
}

/** The stored cursor of the first tenant, to look at and to bend. */
export function cursorOf(world: World) {
  const cursors = world.db.collection<CursorDocument>('holdfast_cursors')
  const _id = 'atproto/aesthetic'
  return {
    checkpoint: async () => (await cursors.findOne({ _id }))?.checkpoint ?? null,
    async set(fields: Record<string, unknown>): Promise<void> {
      await cursors.updateOne({ _id }, { $set: fields })
    },
  }
}
