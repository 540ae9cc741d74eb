import type { Client } from '@temporalio/client'
import type { Section, Sections } from '../config.ts'
import type { StateSettings } from '../config/state.ts'
import type { System } from '../contracts/systems.ts'
import { openState, type OpenState } from '../state/open.ts'
import type { IdentityHash } from '../contracts/ids.ts'
import { createIdHash, createKeyring, type Keyring } from '../crypto/keyring.ts'
import type { Logger } from '../logging.ts'

/** The sections of the configuration that a server reads for every system. */
export const SERVER_SECTIONS = [
  'temporal',
  'sharedState',
  'keys',
  'quarantine',
  'operator',
  'operatorAddress',
  'mode',
  'http',
  'alerts',
  'docs',
  'build',
] as const satisfies readonly Section[]
export type ServerConfig = Pick<Sections, (typeof SERVER_SECTIONS)[number]>

/** The connections that a server has for each system. */
export interface ServerConnections {
  readonly config: ServerConfig
  readonly temporal: Client
  /** The state of the system, with the connection to its database. */
  readonly opened: OpenState
  /** The same for the server's checks: a shorter time-out, so that an outage is known within a minute. */
  readonly monitored: OpenState
  readonly hash: IdentityHash
  readonly keyring: Keyring
  readonly logger: Logger
  /** Ends the connections to the database; the one to Temporal is shared by all systems. */
  close(): Promise<void>
}

export async function connectServer(
  system: System,
  settings: StateSettings,
  { config, temporal, logger }: Pick<ServerConnections, 'config' | 'temporal' | 'logger'>,
): Promise<ServerConnections> {
  const opened = await openState(system, settings)
  const monitored = await openState(system, settings, { connectMs: 2_000 })
  return {
    config,
    temporal,
    opened,
    monitored,
    hash: createIdHash(config.keys.id),
    keyring: createKeyring(config.keys.sealing),
    logger,
    async close() {
      await Promise.all([opened.close(), monitored.close()])
    },
  }
}
