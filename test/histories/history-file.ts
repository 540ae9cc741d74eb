import type { temporal } from '@temporalio/proto'
import proto from '@temporalio/proto'

const { History } = proto.temporal.api.history.v1
type Events = temporal.api.history.v1.IHistory

/** What histories are sealed with, and nothing else: it keeps no secret. */
export const HISTORY_KEY = { id: 'histories', bytes: Buffer.alloc(32, 1) }

/** A process and its host, as every worker and client signs with them; sticky queues are named after them too. */
const SIGNATURE = /\d+@[\w.:-]+/g
const OF_THE_SDK = /@temporalio\/worker@[\w.+-]+/g

/**
 * A history as it is checked in: nothing of the machine, the paths or the processes it was recorded with.
 * (Not the JSON of the `temporal` command: reading that needs the SDK's packages to share one protobufjs, and
 * installed as they are each has its own.)
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
