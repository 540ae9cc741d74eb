import { setTimeout as sleep } from 'node:timers/promises'
import type { MongoServer } from '../src/embedded/mongo.ts'
import type { EmbeddedServer } from '../src/embedded/server.ts'
import type { Outage } from './plan.ts'

export interface Weather {
  /** Lets it happen; false where that server is away already. Who was killed is on its way back when this returns. */
  strike(what: Outage): Promise<boolean>
  /** Returns when every server is up again. Throws when one does not come up. */
  clear(): Promise<void>
}

interface Struck {
  readonly name: string
  readonly strike: () => Promise<void>
  /** Null: away until the weather clears. */
  readonly recover: (() => Promise<void>) | null
}

const STEP_DOWN_SECONDS = 1

export function createWeather(servers: {
  temporal: EmbeddedServer
  mongo: MongoServer
  pds: EmbeddedServer
  plc: EmbeddedServer
  server: EmbeddedServer
}): Weather {
  const { temporal, mongo, pds, plc, server } = servers
  const away = new Map<string, EmbeddedServer>()
  const returning = new Map<string, Promise<void>>()

  const restarts = (one: EmbeddedServer): Struck => ({
    name: one.name,
    strike: () => one.kill(),
    recover: () => one.restart(),
  })
  const goesAway = (one: EmbeddedServer): Struck => ({
    name: one.name,
    async strike() {
      await one.kill()
      away.set(one.name, one)
    },
    recover: null,
  })
  const struck: Record<Outage, Struck> = {
    'temporal restarts': restarts(temporal),
    'mongo restarts': restarts(mongo),
    'mongo steps down': {
      name: mongo.name,
      strike: () => mongo.stepDown(STEP_DOWN_SECONDS),
      recover: () => sleep(STEP_DOWN_SECONDS * 1_000), // nobody may touch it meanwhile: a step-down of nothing fails
    },
    'pds restarts': restarts(pds),
    'pds is away': goesAway(pds),
    'plc restarts': restarts(plc),
    'plc is away': goesAway(plc),
    'server is killed': restarts(server),
  }

  function comesBack(name: string, recover: () => Promise<void>): void {
    const recovery = recover().then(() => void returning.delete(name))
    recovery.catch(() => {}) // told by `clear`, which awaits it
    returning.set(name, recovery)
  }

  return {
    async strike(what) {
      const { name, strike, recover } = struck[what]
      if (away.has(name) || returning.has(name)) return false
      returning.set(name, Promise.resolve())
      await strike()
      returning.delete(name)
      if (recover !== null) comesBack(name, recover)
      return true
    },
    async clear() {
      for (const [name, one] of away) {
        away.delete(name)
        comesBack(name, () => one.restart())
      }
      await Promise.all(returning.values())
    },
  }
}
