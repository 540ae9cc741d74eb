import { withoutPii } from './pii.ts'
import type { Log, LogStream } from './types.ts'

const broken = {
  JSONLINES: '{"log_id":"broken","data":{"type":"ss","details":',
  JSONARRAY: '{"log_id":null,"data":"not a log"}',
  JSONOBJECT: '{"log_id":null,"data":"not a log"}',
}

/** The request body of one delivery; `malformed` puts a broken entry in the middle. */
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
