import { Client, Connection } from '@temporalio/client'
import type { Sections } from '../config.ts'
import { UsageError } from '../entry.ts'
import { createDataConverter } from '../payloads/data-converter.ts'

/** One request, with the retries inside the SDK, in milliseconds. */
const ANSWER_MS = 8_000

type TemporalSections = Pick<Sections, 'temporal' | 'keys'>

/** A client that connects at its first call, so that a server starts, and says so, while Temporal is away. */
export function lazyTemporal(config: TemporalSections): Client {
  return new Client({ ...shared(config), connection: Connection.lazy(config.temporal.connection) })
}

/** A client for a command: says at once where it could not connect. */
export async function connectTemporal(config: TemporalSections): Promise<Client> {
  const { connection } = config.temporal
  try {
    return new Client({
      ...shared(config),
      connection: await Connection.connect({ ...connection, connectTimeout: ANSWER_MS }),
    })
  } catch (cause) {
    throw new UsageError(
      `No connection to Temporal at ${connection.address}. Start it, or set TEMPORAL_ADDRESS (npm start brings up everything).`,
      { cause },
    )
  }
}

function shared({ temporal, keys }: TemporalSections) {
  return { namespace: temporal.namespace, dataConverter: createDataConverter(keys.sealing) }
}

/** Bounds what `run` asks of Temporal; past the limit the call fails and nothing is taken as done. */
export function inTime<T>(client: Client, run: () => Promise<T>, ms = ANSWER_MS): Promise<T> {
  return client.connection.withDeadline(Date.now() + ms, run)
}
