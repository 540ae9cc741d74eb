import { z } from 'zod'
import { idDefect } from '../../domain/identity.ts'
import {
  API_CALL,
  apiCallEvent,
  providerEventKind,
  type ProviderEventKind,
} from '../../domain/atproto/provider-event.ts'
import type { TenantName } from '../../config/atproto/tenants.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { EventReader } from '../read-news.ts'
import { foreignTenantDefect } from './foreign-tenant.ts'
import { isNoted, MAIL_CODES } from '../../domain/atproto/noted-events.ts'

/** An event of one user of Auth0's. */
export interface UserEvent {
  readonly is: 'event'
  readonly kind: Exclude<ProviderEventKind, 'imported'>
  readonly userId: string
  readonly date: string | null
  readonly logId: string | null
}

export type ReadLogEntry =
  | UserEvent
  /** Users were created whom the event does not name. */
  | { readonly is: 'import'; readonly date: string | null; readonly logId: string | null }
  | {
      readonly is: 'ignored'
      readonly code: string
      /** Starts nothing, and needs an operator's action. */
      readonly noted: boolean
      /** The person whose verification mail it concerns; null where it concerns none. */
      readonly mailOf: string | null
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

/** The relevant fields of a `sapi`: its own `user_id` is the caller, never the person concerned. */
const ApiDetails = z.object({
  request: z.object({ method: z.string(), path: z.string(), body: z.unknown().optional() }),
  response: z.object({ body: z.unknown().optional() }).optional(),
})

/** Reads one log entry, wrapped in `{log_id, data}` or bare. Only the fields that Holdfast uses have to be valid. */
export function readLogEntry(entry: unknown): ReadLogEntry {
  const parsed = Log.safeParse(unwrap(entry))
  if (!parsed.success) return { is: 'malformed', reason: 'not a log entry: no type' }
  const { type, user_id, date, log_id, details } = parsed.data
  const stamp = { date: isoDate(date), logId: typeof log_id === 'string' && log_id !== '' ? log_id : null }
  const asked = type === API_CALL ? readApiCall(details) : readOwn(type, user_id, details)
  if (asked === null || asked.kind === null) return { ...readIgnored(type, user_id, details), ...stamp }
  if (asked.kind === 'imported') return { is: 'import', ...stamp }
  // A login that names nobody is ignored; every other event should name a user.
  if (asked.kind === 'seen' && isAbsent(asked.userId))
    return { is: 'ignored', code: type, noted: false, mailOf: null, ...stamp }
  const { kind, userId } = asked
  const without = `a "${type}" event without a usable user_id`
  if (typeof userId !== 'string' || userId === '') return { is: 'malformed', reason: without }
  const wrong = idDefect(userId)
  if (wrong !== null) return { is: 'malformed', reason: `${without}: it ${wrong}` }
  return { is: 'event', kind, userId, ...stamp }
}

function readIgnored(code: string, userId: unknown, details: unknown) {
  const request = field(details, 'request')
  const [method, path, mail] = [
    field(request, 'method'),
    field(request, 'path'),
    field(details, 'email_type'),
  ]
  const call = typeof method === 'string' && typeof path === 'string' ? { method, path } : null
  const noted = isNoted({ code, call, mail: typeof mail === 'string' ? mail : null })
  const named = typeof userId === 'string' && userId !== '' && idDefect(userId) === null ? userId : null
  const mailOf = noted && MAIL_CODES.includes(code) ? named : null
  return { is: 'ignored', code, noted, mailOf } as const
}

/** Codes whose own `user_id` Auth0 may omit, while the request they describe names the person. */
const NAMED_IN_DETAILS = new Set<ProviderEventKind>(['signed-up', 'email-verified', 'email-changed'])

function readOwn(type: string, userId: unknown, details: unknown) {
  const kind = providerEventKind(type)
  if (kind === null || !NAMED_IN_DETAILS.has(kind) || !isAbsent(userId)) return { kind, userId }
  const named = ['query', 'body'].map((part) => field(field(details, part), 'user_id'))
  return { kind, userId: named.find((one) => !isAbsent(one)) }
}

/** In published entries an empty id is as common as a missing one. */
function isAbsent(userId: unknown): boolean {
  return userId === undefined || userId === null || userId === ''
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
    createdUserId: typeof answered === 'string' ? answered : null,
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

/** An unreadable date must not lose a signup: the person is looked up instead. */
function isoDate(date: unknown): string | null {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

/** Reads the entries of these tenants' logs; an event about a person of another tenant counts as malformed. */
export function createEventReader(tenants: readonly TenantName[]): EventReader {
  return (entry, name) => {
    const tenant = tenants.find((one) => one.name === name)
    if (tenant === undefined) throw new OutsideError('tenant-unknown', 'no configured tenant has this name')
    const identityOf = (userId: string): string => tenant.idPrefix + userId
    const read = readLogEntry(entry)
    if (read.is === 'malformed') return read
    const stamp = { date: read.date, eventId: read.logId }
    if (read.is === 'import') return { is: 'unnamed', ...stamp }
    if (read.is === 'ignored') {
      const { code, mailOf } = read
      const noted = read.noted ? { code, identity: mailOf === null ? null : identityOf(mailOf) } : null
      return { is: 'ignored', noted, ...stamp }
    }
    const wrong = foreignTenantDefect(read.userId, { tenant, tenants })
    if (wrong !== null) return { is: 'malformed', reason: `an event whose user_id ${wrong}` }
    return { is: 'event', kind: read.kind, identity: identityOf(read.userId), ...stamp }
  }
}
