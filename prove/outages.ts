import { setTimeout as sleep } from 'node:timers/promises'
import type { MongoServer } from '../dev/servers/mongo/mongo.ts'
import type { EmbeddedServer } from '../dev/servers/lib/server.ts'
import type { Outage } from './plan.ts'

export interface Outages {
  /**
   * Starts the outage; false if that server is already unavailable. A killed server is already restarting when this
   * returns.
   */
  strike(what: Outage): Promise<boolean>
  /** Returns when every server is up again. Throws when one does not come up. */
  recover(): Promise<void>
}

interface OutagePlan {
  readonly name: string
  readonly strike: () => Promise<void>
  /** Null: the server stays unavailable until `recover` is called. */
  readonly recover: (() => Promise<void>) | null
}

const STEP_DOWN_SECONDS = 1

export function createOutages(servers: {
  temporal: EmbeddedServer
  mongo: MongoServer
  pds: EmbeddedServer
  plc: EmbeddedServer
  server: EmbeddedServer
}): Outages {
  const { temporal, mongo, pds, plc, server } = servers
  const away = new Map<string, EmbeddedServer>()
  const returning = new Map<string, Promise<void>>()

  const restarts = (one: EmbeddedServer): OutagePlan => ({
    name: one.name,
    strike: () => one.kill(),
    recover: () => one.restart(),
  })
  const goesAway = (one: EmbeddedServer): OutagePlan => ({
    name: one.name,
    async strike() {
      await one.kill()
      away.set(one.name, one)
    },
    recover: null,
  })
  const struck: Record<Outage, OutagePlan> = {
    'temporal restarts': restarts(temporal),
    'mongo restarts': restarts(mongo),
    'mongo steps down': {
      name: mongo.name,
      strike: () => mongo.stepDown(STEP_DOWN_SECONDS),
      recover: () => sleep(STEP_DOWN_SECONDS * 1_000), // no other outage meanwhile: a step-down needs a primary
    },
    'pds restarts': restarts(pds),
    'pds is away': goesAway(pds),
    'plc restarts': restarts(plc),
    'plc is away': goesAway(plc),
    'server is killed': restarts(server),
  }

  function comesBack(name: string, recover: () => Promise<void>): void {
    const recovery = recover().then(() => void returning.delete(name))
    recovery.catch(() => {}) // reported by `recover`, which awaits it
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
    async recover() {
      for (const [name, one] of away) {
        away.delete(name)
        comesBack(name, () => one.restart())
      }
      await Promise.all(returning.values())
    },
  }
}
