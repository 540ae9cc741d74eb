/**
 * What a refusal of `com.atproto.server.createAccount` means. The PDS puts most of them under two error names,
 * so its words decide; they were read off a real PDS (0.5.35), and a test asks that PDS again.
 */
export type PdsRefusal =
  /** No account can have this handle here; the user code will do. */
  | 'handle-unfit'
  /** Somebody has this handle: us, by an attempt whose answer was lost, or another person. */
  | 'handle-taken'
  | 'email-taken'
  | 'email-unsupported'
  | 'email-missing'
  | 'domain-unsupported'
  | 'invite-refused'
  | 'rate-limited'
  | 'plc-unreachable'
  /** 5xx of its own: a race lost, a taken-down account in the way, or a fault. Worth another look and try. */
  | 'failing'
  | 'admin-refused'
  | 'unknown'

export interface PdsAnswer {
  readonly status: number
  readonly error: string
  readonly message: string
}

export function pdsRefusal({ status, error, message }: PdsAnswer): PdsRefusal {
  if (status === 429) return 'rate-limited'
  if (status === 401 || status === 403) return 'admin-refused'
  if (status === 502 && /PLC/i.test(message)) return 'plc-unreachable'
  if (status >= 500) return 'failing'
  if (error === 'UnsupportedDomain' || (error === 'InvalidHandle' && /TLD/.test(message)))
    return 'domain-unsupported'
  if (error === 'InvalidInviteCode') return 'invite-refused'
  if (message.startsWith('Handle already taken')) return 'handle-taken'
  if (error === 'InvalidHandle' || error === 'HandleNotAvailable' || message.startsWith('Invalid handle'))
    return 'handle-unfit'
  if (message.startsWith('Email already taken')) return 'email-taken'
  if (message.startsWith('Email is required')) return 'email-missing'
  if (/email address is not supported/.test(message)) return 'email-unsupported'
  return 'unknown'
}
