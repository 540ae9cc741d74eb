import type { Hono } from 'hono'
import type { Env } from '../config.ts'
import type { AlertFinding } from '../contracts/alerts.ts'
import type { SystemHealth } from '../contracts/health.ts'
import type { ServerConnections } from '../http/connections.ts'

/** The system's part of a server process. */
export interface ServerPart {
  /** Reads the system's own variables. Throws one `ConfigError` that names every missing or malformed one. */
  configure(env?: Env): ConfiguredServer
}

/** A server's part with its configuration; nothing is connected yet. */
export interface ConfiguredServer {
  connect(connections: ServerConnections): Promise<SystemServer>
}

/** One system inside a server process. */
export interface SystemServer {
  /** Adds the addresses to which the system's provider delivers its events. */
  addRoutes(app: Hono): void
  /** Its dependencies that a server checks itself, beside the database of Holdfast's state. */
  readonly dependencies: readonly ServerDependency[]
  /** Tenants of which unusually many requests with a wrong token were refused. */
  refusals(): AlertFinding[]
  /**
   * Whether the people who signed up in the last hours have what they should have, by a query of the system's own.
   * Absent where the totals and Temporal answer it (`healthByTotals`).
   */
  health?(windowHours: number): Promise<SystemHealth>
  /** Resolves when its own stores behind the routes answer; rejects with the reason otherwise. */
  ready?(): Promise<void>
  /** Finishes what was begun behind the answers. */
  flush(): Promise<void>
  /** Ends its own connections. */
  close?(): Promise<void>
}

/** One dependency that a server checks by a call that needs no login. */
export interface ServerDependency {
  readonly name: string
  /** Throws a named problem where the dependency does not answer. */
  readonly ping: () => Promise<void>
}
