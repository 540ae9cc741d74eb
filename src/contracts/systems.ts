/**
 * A system is one identity provider together with the records each of its identities must own. The interface is open: a
 * system from outside `src/`, such as the one of the tests, adds its name by declaration merging.
 */
export interface SystemNames {
  atproto: true
  supabase: true
  medusa: true
}
export type System = keyof SystemNames

/** The same names as a table, to which such a system is added before anything starts. */
export const SYSTEMS: Partial<SystemNames> = { atproto: true, supabase: true, medusa: true }

/** Every known name, those of systems included that this version does not support. The table is read on each call. */
export function systemNames(): [System, ...System[]] {
  return Object.keys(SYSTEMS) as [System, ...System[]]
}

/** The tenant of a system without tenants. */
export const NO_TENANT = '-'

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
  return systemNames().find((system) => taskQueueOf(system) === taskQueue) ?? null
}
