import { retry } from '../../src/contracts/messages.ts'
import type { World } from './world.ts'

/**
 * Whether a workflow received a retry signal. A test that counts the people a command reaches lets the step succeed
 * only then: the step's own timer, which may fire first on a machine under load, changes nothing.
 */
export async function wasRetried(world: World, workflowId: string): Promise<boolean> {
  return (await sinceRetry(world, workflowId)).length > 0
}

/** The history from the signal on; empty where no signal was received. */
export async function sinceRetry(world: World, workflowId: string) {
  const { events } = await world.temporal.workflow.getHandle(workflowId).fetchHistory()
  const all = events ?? []
  const at = all.findIndex(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === retry.name,
  )
  return at === -1 ? [] : all.slice(at)
}
