import type { System } from './systems.ts'

export function catchUpScheduleId(system: System, tenant: string): string {
  return `${system}-${tenant}-catch-up`
}

/** Every schedule that has to be there for a system to be watched over. */
export function expectedScheduleIds(system: System, tenants: readonly string[]): string[] {
  return tenants.map((tenant) => catchUpScheduleId(system, tenant))
}
