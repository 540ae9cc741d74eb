import type { CheckFindingName } from '../contracts/checks.ts'
import type { ProblemDetail } from './outside-error.ts'

/** A log stream as `GET /api/v2/log-streams` shows it, as far as we depend on it. */
export interface LogStreamSeen {
  readonly id: string
  readonly type: string
  readonly status: string
  readonly filters: readonly string[]
  readonly endpoint: string | null
  readonly authorization: string | null
  readonly format: string | null
}

export interface LogStreamFault {
  readonly name: CheckFindingName
  readonly detail: ProblemDetail
}

/** `ss` comes under the first, `sv`, `sce` and `sdu` under the second. */
const NEEDED_FILTERS = ['auth.signup.success', 'user.success'] as const
const FORMATS = ['JSONLINES', 'JSONARRAY', 'JSONOBJECT']

/** What is wrong with the log streams of a tenant whose events should come to `endpoint` with `token`. */
export function logStreamFaults(
  streams: readonly LogStreamSeen[],
  { endpoint, token }: { endpoint: string; token: string },
): LogStreamFault[] {
  const posting = streams.filter((stream) => stream.type === 'http')
  const [any] = posting
  if (any === undefined) return [{ name: 'log-stream-missing', detail: {} }]
  const ours = posting.filter((stream) => sameAddress(stream.endpoint, endpoint))
  const stream = ours.find(({ status }) => status === 'active') ?? ours[0]
  if (stream === undefined) {
    const detail = { stream: any.id, endpoint, host: hostOf(any.endpoint) }
    return [{ name: 'log-stream-elsewhere', detail }]
  }
  return faultsOf(stream, token).map(({ name, detail }) => ({
    name,
    detail: { stream: stream.id, ...detail },
  }))
}

function faultsOf(stream: LogStreamSeen, token: string): LogStreamFault[] {
  const lacking =
    stream.filters.length === 0 ? [] : NEEDED_FILTERS.filter((name) => !stream.filters.includes(name))
  const filters = [...stream.filters, ...lacking].map((name) => ({ type: 'category', name }))
  return [
    ...(stream.status === 'active' ? [] : [{ name: inactive(stream.status), detail: {} }]),
    ...(lacking.length === 0
      ? []
      : [
          {
            name: 'log-stream-filtered' as const,
            detail: { lacking: lacking.join(' and '), filters: JSON.stringify({ filters }) },
          },
        ]),
    ...(stream.format === null || FORMATS.includes(stream.format)
      ? []
      : [{ name: 'log-stream-format-unknown' as const, detail: { format: stream.format } }]),
    ...(stream.authorization === token ? [] : [{ name: 'log-stream-token-differs' as const, detail: {} }]),
  ]
}

function inactive(status: string): 'log-stream-paused' | 'log-stream-suspended' {
  return status === 'suspended' ? 'log-stream-suspended' : 'log-stream-paused'
}

/** The same to whoever calls it: a slash at the end, or the case of the host, changes nothing. */
function sameAddress(one: string | null, other: string): boolean {
  return one !== null && URL.canParse(one) && plain(one) === plain(other)
}

function plain(address: string): string {
  return new URL(address).href.replace(/\/+$/, '')
}

/** A whole address may hold a secret in its path; its host does not. */
function hostOf(address: string | null): string {
  return address !== null && URL.canParse(address) ? new URL(address).host : 'an unreadable address'
}
