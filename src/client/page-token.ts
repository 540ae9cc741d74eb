import { createHash } from 'node:crypto'
import { UsageError } from '../errors.ts'
import { queryText, type VisibilityQuery } from './visibility.ts'

const TOKEN = /^([0-9a-f]{12})\.([\w-]+)$/

/**
 * Temporal's token for the next page of a query, in the form shown to users; null at the end. It carries a digest,
 * since Temporal treats an invalid token as a server error, and retries for seconds.
 */
export function pageToken(token: Uint8Array, query: VisibilityQuery): string | null {
  return token.length === 0 ? null : `${digest(token, query)}.${Buffer.from(token).toString('base64url')}`
}

/** The inverse of `pageToken`. Throws `UsageError` for a token that was not issued for this query. */
export function readPageToken(given: string, query: VisibilityQuery): Buffer {
  const [, sum, encoded = ''] = TOKEN.exec(given) ?? []
  const token = Buffer.from(encoded, 'base64url')
  if (sum === undefined || sum !== digest(token, query))
    throw new UsageError(
      `'${given}' is not a page of this list. Use \`next\` of the previous page unchanged, with the same filters; without --next, the list starts from the beginning.`,
    )
  return token
}

function digest(token: Uint8Array, query: VisibilityQuery): string {
  return createHash('sha256').update(queryText(query)).update('\0').update(token).digest('hex').slice(0, 12)
}
