import type { ServerType } from '@hono/node-server'

/** A slow sender, or one that only holds a connection, is cut off. A delivery of 8 MiB takes 30 seconds at 2 Mbit/s. */
export const SERVER_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16 * 1024,
}

/** A provider and a proxy keep a few connections open; the limit of a thousand bounds the cost of a flood. */
const MOST_CONNECTIONS = 1_000

export function limitConnections(server: ServerType): void {
  if ('maxConnections' in server) server.maxConnections = MOST_CONNECTIONS
}
