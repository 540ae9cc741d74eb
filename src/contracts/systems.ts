/** A system is one identity provider together with the records each of its identities must own. */
export const SYSTEMS = ['atproto', 'supabase', 'medusa'] as const
export type System = (typeof SYSTEMS)[number]

/** One person of one system. `identity` is spelled as the application stores it (`sotce-auth0|x`). */
export interface PersonRef {
  readonly tenant: string
  readonly identity: string
}

export const SIGNUP_WORKFLOW_TYPES = {
  atproto: 'signup',
  supabase: 'profileSignup',
  medusa: 'customerSignup',
} as const satisfies Record<System, string>

/** What shows its problems as a signup does, in the same search attributes, and takes `retry` like one. */
export const TROUBLED_WORKFLOW_TYPES = ['syncHandle', 'deleteUser', 'watchHandles', 'ingest'] as const

/** The queue a system's workflows, and the activities of its own database, run on. */
export function taskQueueOf(system: System): string {
  return `holdfast-${system}`
}

/** The system a queue is of; null for any other queue. */
export function systemOfTaskQueue(taskQueue: string): System | null {
  return SYSTEMS.find((system) => taskQueueOf(system) === taskQueue) ?? null
}

/** The PDS has a queue of its own, so that nothing can reach it past its limit. */
export const PDS_TASK_QUEUE = 'holdfast-pds'
