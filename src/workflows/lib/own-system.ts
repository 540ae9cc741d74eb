import { workflowInfo } from '@temporalio/workflow'
import { systemOfTaskQueue, type System } from '../../contracts/systems.ts'
import { badInput } from './input.ts'

/**
 * The system that this workflow serves: the one of its task queue. Throws where the input names another one, or where no
 * system has that queue.
 */
export function ownSystem(given?: string): System {
  const { taskQueue, workflowType } = workflowInfo()
  const served = systemOfTaskQueue(taskQueue)
  if (served === null)
    throw badInput(`${workflowType} must run on the task queue of a system, not on ${taskQueue}`)
  if (given !== undefined && given !== served)
    throw badInput(`${workflowType} for ${given} must run on the task queue of ${given}, not on ${taskQueue}`)
  return served
}
