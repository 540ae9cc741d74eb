/** Codes of Auth0's log that need an operator's action although they start no workflow, each with its meaning. */
export const NOTED_CODES: Readonly<Record<string, string>> = {
  fs: 'signup failed',
  fv: 'verification link failed',
  fvr: 'request for a verification mail failed',
  fn: 'verification mail could not be sent',
  fce: 'change of e-mail failed',
  fdu: 'deletion of a user failed',
  fui: 'import of users failed',
  sscim: 'users changed by SCIM',
  sapi: 'users removed or linked by the Management API',
}

/** Codes which say that a person did not get, or could not use, the verification mail. */
export const MAIL_CODES: readonly string[] = ['fv', 'fvr', 'fn']

/** Calls that concern many users at once, or merge two: the hourly audit finds the consequences for each. */
const BULK_CALLS: readonly (readonly [verb: string, path: RegExp])[] = [
  ['delete', /^\/api\/v2\/users\/?$/],
  ['delete', /^\/api\/v2\/connections\/[^/]+(\/users)?\/?$/],
  ['post', /^\/api\/v2\/users\/[^/]+\/identities\/?$/],
]

export interface LogEntryCode {
  readonly code: string
  /** Of a `sapi`: the call that it reports. */
  readonly call: { readonly method: string; readonly path: string } | null
  /** Of a notification: the kind of mail, where the entry says it. */
  readonly mail: string | null
}

/** Whether an event that starts nothing is counted for the operator. */
export function isNoted({ code, call, mail }: LogEntryCode): boolean {
  if (code === 'sapi')
    return BULK_CALLS.some(([verb, path]) => call?.method.toLowerCase() === verb && path.test(call.path))
  if (code === 'fn') return mail === null || /verif/i.test(mail)
  return code in NOTED_CODES
}

/** `3 fv (verification link failed), 1 fdu (deletion of a user failed)`, the most frequent first. */
export function notedEventsText(
  counts: readonly { readonly code: string; readonly count: number }[],
): string {
  const sums = new Map<string, number>()
  for (const { code, count } of counts) sums.set(code, (sums.get(code) ?? 0) + count)
  return [...sums]
    .toSorted(([, a], [, b]) => b - a)
    .map(([code, count]) => `${count} ${code} (${NOTED_CODES[code] ?? 'unknown'})`)
    .join(', ')
}
