import { Client, Connection } from '@temporalio/client'
import type { Sections } from '../config.ts'
import { UsageError } from '../entry.ts'

/** One request, with the retries inside the SDK, in milliseconds. */
const ANSWER_MS = 8_000

/** A client that connects at its first call, so that a server starts, and says so, while Temporal is away. */
export function lazyTemporal({ connection, namespace }: Sections['temporal']): Client {
  return new Client({ connection: Connection.lazy(connection), namespace })
}

/** A client for a command: says at once where it could not connect. */
export async function connectTemporal({ connection, namespace }: Sections['temporal']): Promise<Client> {
  try {
    return new Client({
      connection: await Connection.connect({ ...connection, connectTimeout: ANSWER_MS }),
      namespace,
    })
  } catch (cause) {
    throw new UsageError(
      `No connection to Temporal at ${connection.address}. Start it, or set TEMPORAL_ADDRESS (npm start brings up everything).`,
      { cause },
    )
  }
}

/** Bounds what `run` asks of Temporal; past the limit the call fails and nothing is taken as done. */
export function inTime<T>(client: Client, run: () => Promise<T>): Promise<T> {
  return client.connection.withDeadline(Date.now() + ANSWER_MS, run)
}
