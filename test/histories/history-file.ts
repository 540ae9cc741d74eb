import { createHash } from 'node:crypto'
import type { temporal } from '@temporalio/proto'
import proto from '@temporalio/proto'

const { History } = proto.temporal.api.history.v1
type Events = temporal.api.history.v1.IHistory

/** The key of the recorded histories only: it protects no secret, and only has to look random. */
export const HISTORY_KEY = { id: 'histories', bytes: createHash('sha256').update('histories').digest() }

/**
 * Process id and host, which every worker and client puts into its identity; sticky queues are named after them too.
 */
const SIGNATURE = /\d+@[\w.:-]+/g
const OF_THE_SDK = /@temporalio\/worker@[\w.+-]+/g

/**
 * A history as it is checked in, without traces of the machine, the paths or the processes of its recording. (It is not
 * the JSON of the `temporal` command: reading that requires the SDK's packages to share one protobufjs, but as
 * installed each has its own.)
 */
export function historyText(history: Events): string {
  const plain = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String })
  const text = JSON.stringify(plain, withoutTraces, 1)
  return `${text.replaceAll(OF_THE_SDK, 'sdk').replaceAll(SIGNATURE, '1@host')}\n`
}

export function parseHistory(text: string): Events {
  return History.fromObject(JSON.parse(text) as Record<string, unknown>)
}

function withoutTraces(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value
}
