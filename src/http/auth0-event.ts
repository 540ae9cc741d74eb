import { z } from 'zod'
import { providerEventKind, type ProviderEventKind } from '../domain/provider-event.ts'

export type ReadEvent =
  | {
      readonly is: 'event'
      readonly kind: ProviderEventKind
      readonly userId: string
      readonly date: string | null
      readonly logId: string | null
    }
  | { readonly is: 'ignored'; readonly code: string; readonly logId: string | null }
  | { readonly is: 'malformed'; readonly reason: string }

const Log = z.object({
  type: z.string().min(1),
  user_id: z.unknown().optional(),
  date: z.unknown().optional(),
  log_id: z.unknown().optional(),
})

/** An id that a workflow id and a document id can carry: printable, without spaces, of bearable length. */
const UserId = z.string().regex(/^[\x21-\x7e]{1,255}$/)

/** Reads one log entry, wrapped in `{log_id, data}` or bare. Only what we act on has to be right in it. */
export function readEvent(entry: unknown): ReadEvent {
  const parsed = Log.safeParse(unwrap(entry))
  if (!parsed.success) return { is: 'malformed', reason: 'not a log entry: no type' }
  const { type, user_id, date, log_id } = parsed.data
  const logId = typeof log_id === 'string' ? log_id : null
  const kind = providerEventKind(type)
  if (kind === null) return { is: 'ignored', code: type, logId }
  const userId = UserId.safeParse(user_id)
  if (!userId.success) return { is: 'malformed', reason: `a "${type}" event without a usable user_id` }
  return { is: 'event', kind, userId: userId.data, date: isoDate(date), logId }
}

function unwrap(entry: unknown): unknown {
  const isObject = typeof entry === 'object' && entry !== null
  if (!isObject || !('data' in entry) || typeof entry.data !== 'object' || entry.data === null) return entry
  return { ...('log_id' in entry ? { log_id: entry.log_id } : {}), ...entry.data }
}

/** A date that cannot be read is no reason to lose a signup: the person is looked up instead. */
function isoDate(date: unknown): string | null {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
