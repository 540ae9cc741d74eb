import { createHash } from 'node:crypto'
import { UsageError } from '../entry.ts'

const TOKEN = /^([0-9a-f]{12})\.([\w-]+)$/

/**
 * Temporal's token for the next page of a query, as it is handed out; null at the end. It carries a digest, since
 * Temporal itself takes a token that is none for trouble of its own, and tries for seconds.
 */
export function pageToken(token: Uint8Array, query: string): string | null {
  return token.length === 0 ? null : `${digest(token, query)}.${Buffer.from(token).toString('base64url')}`
}

/** The inverse. Throws `UsageError` for what was not handed out for this query. */
export function readPageToken(given: string, query: string): Buffer {
  const [, sum, encoded = ''] = TOKEN.exec(given) ?? []
  const token = Buffer.from(encoded, 'base64url')
  if (sum === undefined || sum !== digest(token, query))
    throw new UsageError(
      `'${given}' names no page of this list. Take \`next\` of the page before as it stands, with the same filters; without --next the list begins anew.`,
    )
  return token
}

function digest(token: Uint8Array, query: string): string {
  return createHash('sha256').update(query).update('\0').update(token).digest('hex').slice(0, 12)
}
