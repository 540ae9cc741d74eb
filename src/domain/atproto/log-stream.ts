import { filterSetting, NEEDED_FILTERS } from '../../contracts/atproto/log-filters.ts'
import type { CheckFindingName } from '../../contracts/checks.ts'
import type { ProblemDetail } from '../outside-error.ts'

/** A log stream as `GET /api/v2/log-streams` shows it, limited to the fields that Holdfast uses. */
export interface LogStreamSettings {
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

const FORMATS = ['JSONLINES', 'JSONARRAY', 'JSONOBJECT']

/** The faults of the log streams of a tenant whose events should be delivered to `endpoint` with one of the tokens. */
export function logStreamFaults(
  streams: readonly LogStreamSettings[],
  { endpoint, tokens }: { endpoint: string; tokens: readonly string[] },
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
  return faultsOf(stream, tokens).map(({ name, detail }) => ({
    name,
    detail: { stream: stream.id, ...detail },
  }))
}

function faultsOf(stream: LogStreamSettings, tokens: readonly string[]): LogStreamFault[] {
  const lacking =
    stream.filters.length === 0 ? [] : NEEDED_FILTERS.filter((name) => !stream.filters.includes(name))
  return [
    ...(stream.status === 'active' ? [] : [{ name: inactive(stream.status), detail: {} }]),
    ...(lacking.length === 0
      ? []
      : [
          {
            name: 'log-stream-filtered' as const,
            detail: {
              lacking: lacking.join(' and '),
              filters: filterSetting([...stream.filters, ...lacking]),
            },
          },
        ]),
    ...(stream.format === null || FORMATS.includes(stream.format)
      ? []
      : [{ name: 'log-stream-format-unknown' as const, detail: { format: stream.format } }]),
    ...(tokens.includes(stream.authorization ?? '')
      ? []
      : [{ name: 'log-stream-token-differs' as const, detail: {} }]),
  ]
}

function inactive(status: string): 'log-stream-paused' | 'log-stream-suspended' {
  return status === 'suspended' ? 'log-stream-suspended' : 'log-stream-paused'
}

/** Two equivalent addresses: a slash at the end, or the case of the host, makes no difference. */
function sameAddress(one: string | null, other: string): boolean {
  return one !== null && URL.canParse(one) && plain(one) === plain(other)
}

function plain(address: string): string {
  return new URL(address).href.replace(/\/+$/, '')
}

/** A whole address may contain a secret in its path; its host contains none. */
function hostOf(address: string | null): string {
  return address !== null && URL.canParse(address) ? new URL(address).host : 'an unreadable address'
}
