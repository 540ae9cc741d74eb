import type { ManagementClient } from 'auth0'
import { apiUrl, auth0Error, refusal, type Auth0Access } from './auth0-client.ts'

/** The most that Auth0 hands out at once. */
const TAKE = 100

/** A piece of the tenant's log, in Auth0's own order, which need not be that of dates or ids. */
export interface LogPage {
  readonly logs: readonly unknown[]
  /** Where the next page begins; an empty page names its own place. Null where even that is unknown. */
  readonly next: string | null
}

export interface Auth0Log {
  /** The page after a checkpoint; the oldest there is for null. Null for a checkpoint that Auth0 no longer takes. */
  logPage(checkpoint: string | null): Promise<LogPage | null>
  /** Whether the log entry a checkpoint names is still kept. */
  keepsLog(logId: string): Promise<boolean>
}

/**
 * The log by checkpoint. The SDK's own `logs.list` has no `from`, and takes the array it is answered for an empty
 * page without a word; so the answer is read as it comes.
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
      const body = await bodyOf(answer)
      if (checkpoint !== null && (answer.status === 400 || answer.status === 404)) return null
      if (!answer.ok || !Array.isArray(body)) throw refusal(answer.status, answer.headers)
      return { logs: body, next: nextOf(answer.headers.get('link')) ?? newestOf(body) ?? checkpoint }
    },

    async keepsLog(logId) {
      const answer = await ask(`logs/${encodeURIComponent(logId)}`)
      await bodyOf(answer)
      if (answer.status === 404 || answer.status === 400) return false
      if (!answer.ok) throw refusal(answer.status, answer.headers)
      return true
    },
  }
}

/** Read to its end always, so that the connection can be used again. */
async function bodyOf(answer: Response): Promise<unknown> {
  try {
    return await answer.json()
  } catch (error) {
    if (answer.ok) throw auth0Error(error)
    return null // an error page that is no JSON: the status says enough
  }
}

/** `<…/logs?take=100&from=900…>; rel="next"` */
function nextOf(link: string | null): string | null {
  const url = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1]
  return url === undefined || !URL.canParse(url) ? null : new URL(url).searchParams.get('from')
}

/** Without a link: the greatest id of the page, since ids only grow. */
function newestOf(logs: readonly unknown[]): string | null {
  const ids = logs.flatMap((log) =>
    typeof log === 'object' && log !== null && 'log_id' in log && typeof log.log_id === 'string'
      ? [log.log_id]
      : [],
  )
  return ids.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)).at(-1) ?? null
}
