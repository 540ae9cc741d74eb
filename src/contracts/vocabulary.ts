import { ATPROTO_WORKFLOWS } from './atproto/workflows.ts'
import type { System } from './systems.ts'
import type { SystemWorkflows } from './workflows.ts'

const WORKFLOWS: Partial<Record<System, SystemWorkflows>> = { atproto: ATPROTO_WORKFLOWS }

/** The workflows and queues of a system. Throws for a system that this version does not support. */
export function workflowsOf(system: System): SystemWorkflows {
  const found = WORKFLOWS[system]
  if (found === undefined) throw new Error(`this version of Holdfast does not support the system ${system}`)
  return found
}

/**
 * Systems that Holdfast served before several could share a database: their documents there are named without the
 * system, and some do not carry it.
 */
const SERVED_ALONE: Partial<Record<System, true>> = { atproto: true }

export function wasServedAlone(system: System): boolean {
  return SERVED_ALONE[system] === true
}
