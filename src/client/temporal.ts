import { Client, Connection } from '@temporalio/client'
import type { Sections } from '../config.ts'
import { UsageError } from '../errors.ts'
import { createDataConverter } from '../payloads/data-converter.ts'

/** Time-out of one request in milliseconds, with the retries inside the SDK. */
const ANSWER_MS = 8_000

type TemporalSections = Pick<Sections, 'temporal' | 'keys'>

/**
 * A client that connects at its first call, so that a server can start, and report it, while Temporal is unreachable.
 */
export function lazyTemporal(config: TemporalSections): Client {
  return new Client({ ...shared(config), connection: Connection.lazy(config.temporal.connection) })
}

/** A client for a command: throws at once where it cannot connect. */
export async function connectTemporal(config: TemporalSections): Promise<Client> {
  const { connection } = config.temporal
  try {
    return new Client({
      ...shared(config),
      connection: await Connection.connect({ ...connection, connectTimeout: ANSWER_MS }),
    })
  } catch (cause) {
    throw new UsageError(
      `No connection to Temporal at ${connection.address}. Start it, or correct TEMPORAL_ADDRESS (npm start starts everything).`,
      { cause },
    )
  }
}

function shared({ temporal, keys }: TemporalSections) {
  return { namespace: temporal.namespace, dataConverter: createDataConverter(keys.sealing) }
}

/** Bounds the calls to Temporal that `run` makes; past the limit the call fails and nothing is taken as done. */
export function withDeadline<T>(client: Client, run: () => Promise<T>, ms = ANSWER_MS): Promise<T> {
  return client.connection.withDeadline(Date.now() + ms, run)
}
