import type { EmbeddedServer } from '../../../../dev/servers/lib/server.ts'
import type { LibraryWorld } from '../world.ts'

export const FAULTS = [
  'worker is killed',
  'server is killed',
  'postgres is killed',
  'front desk is away',
] as const
export type Fault = (typeof FAULTS)[number]

const ON_POSTGRES: ReadonlySet<Fault> = new Set(['postgres is killed', 'front desk is away'])

/** The faults of a run; a fault that is there already is left as it is. */
export interface Faults {
  /** Those that happened. */
  readonly struck: ReadonlyMap<Fault, number>
  strike(fault: Fault): void
  /** Returns when every server is up and the front desk is there. */
  lift(): Promise<void>
  /** The name of the members' table at present. */
  members(): string
}

export function createFaults(
  library: LibraryWorld,
  { worker, server }: { worker: EmbeddedServer; server: EmbeddedServer },
): Faults {
  const struck = new Map<Fault, number>()
  const inProgress = new Map<Fault, Promise<void>>()
  let away = false
  const again = (one: EmbeddedServer) => async (): Promise<void> => {
    await one.kill()
    await one.restart()
  }
  const strikes: Record<Fault, () => Promise<void>> = {
    'worker is killed': again(worker),
    'server is killed': again(server),
    'postgres is killed': again(library.postgres),
    async 'front desk is away'() {
      await library.setFrontDesk('away')
      away = true
    },
  }
  return {
    struck,
    strike(fault) {
      if (inProgress.has(fault) || (away && fault === 'front desk is away')) return
      // one at a time, since the front desk is in that database
      if (ON_POSTGRES.has(fault) && [...ON_POSTGRES].some((other) => inProgress.has(other))) return
      struck.set(fault, (struck.get(fault) ?? 0) + 1)
      const striking = strikes[fault]().finally(() => inProgress.delete(fault))
      striking.catch(() => {}) // reported by `lift`, which awaits it
      inProgress.set(fault, striking)
    },
    async lift() {
      await Promise.all(inProgress.values())
      if (away) await library.setFrontDesk('there')
      away = false
    },
    members: () => (away ? 'members_away' : 'members'),
  }
}
