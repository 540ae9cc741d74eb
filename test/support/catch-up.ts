import { createCatchUps } from '../../src/client/catch-ups.ts'
import type { CatchUpProgress } from '../../src/contracts/catch-up.ts'
import type { World } from './world.ts'

/** Reads a tenant's log and users to their end, and returns the result. */
export async function catchUp(world: World, tenant = 'aesthetic'): Promise<CatchUpProgress> {
  const { workflowId } = await createCatchUps(world.temporal, 'atproto').start(tenant)
  return (await world.temporal.workflow.getHandle(workflowId).result()) as CatchUpProgress
}

interface CursorDocument {
  _id: string
  places?: { log?: string | null }
}

/** The stored cursor of the first tenant, to read and to change. */
export function cursorOf(world: World) {
  const cursors = world.db.collection<CursorDocument>('holdfast_cursors')
  const _id = 'atproto/aesthetic'
  return {
    checkpoint: async () => (await cursors.findOne({ _id }))?.places?.log ?? null,
    async set(fields: Record<string, unknown>): Promise<void> {
      await cursors.updateOne({ _id }, { $set: fields })
    },
  }
}

/**
 * Makes it look as if Holdfast had served the first tenant since then: to be called before the first worker of a world.
 */
export async function servedSince(world: World, begunAt: Date): Promise<void> {
  await world.db
    .collection<CursorDocument>('holdfast_cursors')
    .updateOne({ _id: 'atproto/aesthetic' }, { $set: { begunAt } }, { upsert: true })
}
