import { z } from 'zod'
import type { LogStreamSettings } from '../../domain/atproto/log-stream.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { Auth0Answer, Auth0RawClient } from './raw-client.ts'

/** An event of the tenant's log. */
export interface LogEntryInfo {
  readonly at: Date
  readonly type: string
  readonly userId: string | null
}

/**
 * The configuration of a tenant, read by its Management API. Each call fails with `auth0-denied` where a scope is
 * missing.
 */
export interface Auth0Setup {
  logStreams(): Promise<LogStreamSettings[]>
  /**
   * The newest entry of the log, or the newest that matches a query in Auth0's own syntax; null where there is none.
   */
  newestEntry(query?: string): Promise<LogEntryInfo | null>
}

const text = z.string().nullish().catch(null)
const Stream = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  filters: z.array(z.object({ name: z.string() })).catch([]),
  sink: z
    .object({ httpEndpoint: text, httpAuthorization: text, httpContentFormat: text })
    .catch({ httpEndpoint: null, httpAuthorization: null, httpContentFormat: null }),
})
const Entry = z.object({ date: z.string(), type: z.string(), user_id: text })

export function createAuth0Setup({ call }: Auth0RawClient): Auth0Setup {
  return {
    async logStreams() {
      const streams = z.array(Stream).parse(successBody(await call('GET', 'log-streams')))
      return streams.map(({ id, type, status, filters, sink }) => ({
        id,
        type,
        status,
        filters: filters.map(({ name }) => name),
        endpoint: sink.httpEndpoint ?? null,
        authorization: sink.httpAuthorization ?? null,
        format: sink.httpContentFormat ?? null,
      }))
    },

    async newestEntry(query) {
      const wish = new URLSearchParams({
        per_page: '1',
        page: '0',
        sort: 'date:-1',
        ...(query && { q: query }),
      })
      const [entry] = z.array(Entry).parse(successBody(await call('GET', `logs?${wish.toString()}`)))
      return entry === undefined
        ? null
        : { at: new Date(entry.date), type: entry.type, userId: entry.user_id ?? null }
    },
  }
}

/** The body of a successful response. */
export function successBody({ status, body }: Auth0Answer): unknown {
  if (status < 300) return body
  const answer = `HTTP ${status}`
  if (status === 401 || status === 403)
    throw new OutsideError('auth0-denied', `Auth0 denies the request: ${answer}`, { detail: { answer } })
  throw new OutsideError('auth0-unreachable', `Auth0 answers unexpectedly: ${answer}`, {
    detail: { answer },
  })
}
