import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from 'mongodb'
import type { System } from '../../contracts/systems.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { inMongo } from './errors.ts'

const COLLECTION = 'holdfast_switches'

/** How long "it is not paused" is taken as known. That it is paused is looked up each time: few ask, and they wait. */
const KNOWN_MS = 1_000

interface SwitchDocument {
  _id: System
  pausedAt: Date
  by: string
  reason: string | null
}

export interface Pause {
  /** ISO 8601. */
  readonly since: string
  readonly by: string
  readonly reason: string | null
}

export interface Switches {
  /**
   * Stops creations and repairs of a system: when it returns, no worker begins another. Paused before, it stays as it
   * was; returns what holds now.
   */
  pause(system: System, by: string, reason: string | null): Promise<Pause>
  /** Lets them go on. Returns the pause there was, null when there was none. */
  resume(system: System): Promise<Pause | null>
  paused(system: System): Promise<Pause | null>
  /** Throws `paused` while the system is; costs at most one read a second while it is not. */
  assertRunning(system: System): Promise<void>
}

/** Durable switches that every worker obeys within a second. */
export function createSwitches(db: Db): Switches {
  const switches = db.collection<SwitchDocument>(COLLECTION)
  const runningUntil = new Map<System, number>()

  const paused = async (system: System): Promise<Pause | null> =>
    shown(await inMongo(COLLECTION, 'find', () => switches.findOne({ _id: system })))

  return {
    paused,

    async pause(system, by, reason) {
      const set = await inMongo(COLLECTION, 'update', () =>
        switches.findOneAndUpdate(
          { _id: system },
          { $setOnInsert: { pausedAt: new Date(), by, reason } },
          { upsert: true, returnDocument: 'after' },
        ),
      )
      await sleep(KNOWN_MS) // until nobody takes it as known any more that the system runs
      return shown(set) ?? { since: new Date().toISOString(), by, reason }
    },

    resume: async (system) =>
      shown(await inMongo(COLLECTION, 'delete', () => switches.findOneAndDelete({ _id: system }))),

    async assertRunning(system) {
      const now = Date.now()
      if ((runningUntil.get(system) ?? 0) > now) return
      const pause = await paused(system)
      if (pause === null) {
        runningUntil.set(system, now + KNOWN_MS)
        return
      }
      const { since, by, reason } = pause
      throw new OutsideError('paused', `${system} is paused`, {
        detail: { since, by, ...(reason === null ? {} : { reason }) },
      })
    },
  }
}

function shown(found: SwitchDocument | null): Pause | null {
  return found === null ? null : { since: found.pausedAt.toISOString(), by: found.by, reason: found.reason }
}
