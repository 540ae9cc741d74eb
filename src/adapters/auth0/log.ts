import type { ManagementClient } from 'auth0'
import { parseEntry, type RawEntry } from '../../domain/events/raw-entry.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { splitArray } from '../../domain/events/split-delivery.ts'
import { apiUrl, auth0Error, auth0Refusal, type Auth0Access } from './client.ts'

/** The most entries that Auth0 returns at once. */
const TAKE = 100

/** A page of the tenant's log, in Auth0's own order, which need not be that of dates or ids. */
export interface LogPage {
  readonly logs: readonly RawEntry[]
  /** The checkpoint of the next page; an empty page repeats its own. Null if there is none at all. */
  readonly next: string | null
}

export interface Auth0Log {
  /**
   * The page after a checkpoint; for null the oldest page. Returns null for a checkpoint that Auth0 rejects. Fails with
   * `auth0-log-unreadable` where a page with entries leads to no other page.
   */
  logPage(checkpoint: string | null): Promise<LogPage | null>
  /** Whether the log entry that a checkpoint names still exists. */
  hasLogEntry(logId: string): Promise<boolean>
}

/**
 * The log by checkpoint. The SDK's own `logs.list` has no `from`, and silently treats the array it receives as an empty
 * page; so the response is read without it.
 */
export function createAuth0Log(tenant: Auth0Access, management: ManagementClient): Auth0Log {
  const ask = async (path: string, query?: Record<string, string>): Promise<Response> => {
    try {
      return await management.fetch(apiUrl(tenant, path, query))
    } catch (error) {
      throw auth0Error(error)
    }
  }

  return {
    async logPage(checkpoint) {
      const answer = await ask('logs', {
        take: String(TAKE),
        ...(checkpoint === null ? {} : { from: checkpoint }),
      })
      const body = await bytesOf(answer)
      if (checkpoint !== null && (answer.status === 400 || answer.status === 404)) return null
      const logs = answer.ok ? splitArray(body) : null
      if (logs === null) throw auth0Refusal(answer.status, answer.headers)
      const next = nextOf(answer.headers.get('link')) ?? newestOf(logs) ?? checkpoint
      // If such a page were read from its own checkpoint again, this would never end.
      if (logs.length > 0 && next === checkpoint) throw unreadable(logs.length)
      return { logs, next }
    },

    async hasLogEntry(logId) {
      const answer = await ask(`logs/${encodeURIComponent(logId)}`)
      await bytesOf(answer)
      if (answer.status === 404 || answer.status === 400) return false
      if (!answer.ok) throw auth0Refusal(answer.status, answer.headers)
      return true
    },
  }
}

/**
 * Reads the body to its end, so that the connection can be reused. It is not parsed, since an entry may be of any
 * depth.
 */
async function bytesOf(answer: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await answer.arrayBuffer())
  } catch (error) {
    throw auth0Error(error)
  }
}

/** The next attempt gets the same page, so an operator has to see the problem. */
function unreadable(entries: number): OutsideError {
  return new OutsideError('auth0-log-unreadable', 'a page of the log does not lead to the next one', {
    detail: { entries: String(entries) },
  })
}

/** `<…/logs?take=100&from=900…>; rel="next"` */
function nextOf(link: string | null): string | null {
  const url = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1]
  return url === undefined || !URL.canParse(url) ? null : new URL(url).searchParams.get('from')
}

/** Used without a link: the greatest id of the page, since ids always grow. */
function newestOf(logs: readonly RawEntry[]): string | null {
  const ids = logs.flatMap((entry) => {
    const parsed = parseEntry(entry)
    const log = 'value' in parsed ? parsed.value : null
    return typeof log === 'object' && log !== null && 'log_id' in log && typeof log.log_id === 'string'
      ? [log.log_id]
      : []
  })
  return ids.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)).at(-1) ?? null
}
