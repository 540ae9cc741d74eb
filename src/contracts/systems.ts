/** A system is one identity provider together with the records each of its identities must own. */
export const SYSTEMS = ['atproto', 'supabase', 'medusa'] as const
export type System = (typeof SYSTEMS)[number]

/** One person of one system. `identity` is spelled as the application stores it (`sotce-auth0|x`). */
export interface PersonRef {
  readonly tenant: string
  readonly identity: string
}

/** The same person with the id at the provider, as its events spell it. */
export interface NamedPerson extends PersonRef {
  readonly userId: string
}

/** The task queue on which a system's workflows run, and the activities of its own database. */
export function taskQueueOf(system: System): string {
  return `holdfast-${system}`
}

/** The system of a task queue; null for any other queue. */
export function systemOfTaskQueue(taskQueue: string): System | null {
  return SYSTEMS.find((system) => taskQueueOf(system) === taskQueue) ?? null
}
