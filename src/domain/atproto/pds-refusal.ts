/**
 * The meaning of a refusal of `com.atproto.server.createAccount`. The PDS uses two error names for most of them, so the
 * message decides. The messages were recorded from a real PDS (0.5.35), and a test verifies them.
 */
export type PdsRefusal =
  /** No account can have this handle here; the user code is used instead. */
  | 'handle-unfit'
  /** The handle is in use: by an attempt of ours whose answer was lost, or by another person. */
  | 'handle-taken'
  | 'email-taken'
  | 'email-unsupported'
  | 'email-missing'
  | 'domain-unsupported'
  | 'invite-refused'
  | 'rate-limited'
  | 'plc-unreachable'
  /**
   * An internal error of the PDS (5xx): a lost race, a conflict with a taken-down account, or a fault. The signup looks
   * the account up and tries again.
   */
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
