import { createHash } from 'node:crypto'
import type { Log, LogStream, PiiConfig } from '../types.ts'

const address = /[^\s"\\@:|]+@[^\s"\\@]+\.[A-Za-z]{2,}/g

const broken = {
  JSONLINES: '{"log_id":"broken","data":{"type":"ss","details":',
  JSONARRAY: '{"log_id":null,"data":"not a log"}',
  JSONOBJECT: '{"log_id":null,"data":"not a log"}',
}

/** The request body of one delivery; `malformed` inserts a broken entry in the middle. */
export function streamBody(
  stream: LogStream,
  logs: readonly Log[],
  malformed?: { raw?: string | undefined },
): string {
  const format = stream.sink.httpContentFormat ?? 'JSONLINES'
  const entries = logs.map((log) =>
    withoutPii(JSON.stringify({ log_id: log.log_id, data: log }), stream.pii_config),
  )
  if (malformed) entries.splice(entries.length >> 1, 0, malformed.raw ?? broken[format])
  if (format === 'JSONLINES') return entries.join('\n')
  const array = `[${entries.join(',')}]`
  return format === 'JSONARRAY' ? array : `{"logs":${array}}`
}

const hash = (email: string) => createHash('sha256').update(email).digest('hex').slice(0, 16)

/** A log's JSON as delivered by a stream that hides e-mail addresses; ids stay readable. */
function withoutPii(json: string, config: PiiConfig | undefined): string {
  if (!config?.log_fields.includes('email')) return json
  return json.replace(address, config.method === 'hash' ? hash : () => '*****')
}
