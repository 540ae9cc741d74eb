import { z } from 'zod'
import {
  API_CALL,
  apiCallEvent,
  providerEventKind,
  type ProviderEventKind,
} from '../domain/provider-event.ts'

/** An event of one person. */
export interface PersonEvent {
  readonly is: 'event'
  readonly kind: Exclude<ProviderEventKind, 'imported'>
  readonly userId: string
  readonly date: string | null
  readonly logId: string | null
}

export type ReadEvent =
  | PersonEvent
  /** Users came that the event does not name. */
  | { readonly is: 'import'; readonly date: string | null; readonly logId: string | null }
  | {
      readonly is: 'ignored'
      readonly code: string
      readonly date: string | null
      readonly logId: string | null
    }
  | { readonly is: 'malformed'; readonly reason: string }

const Log = z.object({
  type: z.string().min(1),
  user_id: z.unknown().optional(),
  date: z.unknown().optional(),
  log_id: z.unknown().optional(),
  details: z.unknown().optional(),
})

/** An id that a workflow id and a document id can carry: printable, without spaces, of bearable length. */
const UserId = z.string().regex(/^[\x21-\x7e]{1,255}$/)

/** What is needed of a `sapi`: its own `user_id` is the caller, never the person concerned. */
const ApiDetails = z.object({
  request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
  response: z.object({ body: z.unknown().optional() }).optional(),
})

/** Reads one log entry, wrapped in `{log_id, data}` or bare. Only what we act on has to be right in it. */
export function readEvent(entry: unknown): ReadEvent {
  const parsed = Log.safeParse(unwrap(entry))
  if (!parsed.success) return { is: 'malformed', reason: 'not a log entry: no type' }
  const { type, user_id, date, log_id, details } = parsed.data
  const stamp = { date: isoDate(date), logId: typeof log_id === 'string' && log_id !== '' ? log_id : null }
  const asked = type === API_CALL ? readApiCall(details) : { kind: providerEventKind(type), userId: user_id }
  if (asked === null || asked.kind === null) return { is: 'ignored', code: type, ...stamp }
  if (asked.kind === 'imported') return { is: 'import', ...stamp }
  // A login that names nobody says nothing at all; every other event ought to.
  if (asked.kind === 'seen' && asked.userId === undefined) return { is: 'ignored', code: type, ...stamp }
  const userId = UserId.safeParse(asked.userId)
  if (!userId.success) return { is: 'malformed', reason: `a "${type}" event without a usable user_id` }
  return { is: 'event', kind: asked.kind, userId: userId.data, ...stamp }
}

function readApiCall(details: unknown) {
  const call = ApiDetails.safeParse(details)
  if (!call.success) return null
  const { request, response } = call.data
  const answered = field(response?.body, 'user_id')
  return apiCallEvent({
    method: request.method,
    path: request.path,
    fields: isObject(request.body) ? Object.keys(request.body) : [],
    answered: typeof answered === 'string' ? answered : null,
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined
}

function unwrap(entry: unknown): unknown {
  if (!isObject(entry) || !isObject(entry['data'])) return entry
  return { ...('log_id' in entry ? { log_id: entry['log_id'] } : {}), ...entry['data'] }
}

/** A date that cannot be read is no reason to lose a signup: the person is looked up instead. */
function isoDate(date: unknown): string | null {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}
