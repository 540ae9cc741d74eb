import type { Client } from '@temporalio/client'
import type { Db, MongoClient } from 'mongodb'
import { connectMongo } from '../adapters/mongo/lib/connect.ts'
import type { Section, Sections } from '../config.ts'
import type { IdentityHash } from '../contracts/ids.ts'
import { createIdHash, createKeyring, type Keyring } from '../crypto/keyring.ts'
import type { Logger } from '../logging.ts'

/** The sections of the configuration that a server reads for every system. */
export const SERVER_SECTIONS = [
  'temporal',
  'mongo',
  'keys',
  'quarantine',
  'operator',
  'http',
  'alerts',
  'docs',
] as const satisfies readonly Section[]
export type ServerConfig = Pick<Sections, (typeof SERVER_SECTIONS)[number]>

/** The connections that a server has for each system. */
export interface ServerConnections {
  readonly config: ServerConfig
  readonly temporal: Client
  /** The database of Holdfast's state. */
  readonly mongo: { readonly client: MongoClient; readonly db: Db }
  /** The same database for the server's checks: a shorter time-out, so that an outage is known within a minute. */
  readonly monitored: { readonly client: MongoClient; readonly db: Db }
  readonly hash: IdentityHash
  readonly keyring: Keyring
  readonly logger: Logger
  /** Ends the connections to the database; the one to Temporal is shared by all systems. */
  close(): Promise<void>
}

export function connectServer({
  config,
  temporal,
  logger,
}: Pick<ServerConnections, 'config' | 'temporal' | 'logger'>): ServerConnections {
  const mongo = connectMongo(config.mongo)
  const monitored = connectMongo({ ...config.mongo, selectMs: 2_000 })
  return {
    config,
    temporal,
    mongo,
    monitored,
    hash: createIdHash(config.keys.id),
    keyring: createKeyring(config.keys.sealing),
    logger,
    async close() {
      await Promise.all([mongo.client.close(), monitored.client.close()])
    },
  }
}
