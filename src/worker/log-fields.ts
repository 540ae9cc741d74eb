import { systemOfTaskQueue, systemNames, type System } from '../contracts/systems.ts'

/**
 * The fields of a line of the SDK, with the system they concern. Lines of activities and workflows name their run and
 * its queue; one of a queue that no single system owns (`holdfast-pds`) is told by the id of the workflow.
 */
export function logFields(meta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if ('system' in meta) return meta
  const { taskQueue, workflowId } = meta
  const ofQueue = typeof taskQueue === 'string' ? systemOfTaskQueue(taskQueue) : null
  const system = ofQueue ?? (typeof workflowId === 'string' ? systemIn(workflowId) : null)
  return system === null ? meta : { system, ...meta }
}

/** The second part of every id that Holdfast makes. */
function systemIn(workflowId: string): System | null {
  const [, named] = workflowId.split('/')
  return systemNames().find((system) => system === named) ?? null
}
