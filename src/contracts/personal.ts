/** Fields whose values are personal or secret wherever they stand: sealed on the way to Temporal, taken out of logs. */
const PERSONAL_FIELDS = [
  'password',
  'email',
  'token',
  'secret',
  'authorization',
  'invite[-_]?code',
  '(?:access|refresh)[-_]?jwt',
].join('|')

/** `clientSecret` and `refresh_token` as well as `secret` and `token`; `emailVerified` is not one. */
const NAME = new RegExp(`(?:${PERSONAL_FIELDS})$`, 'i')
const NAME_IN_JSON = new RegExp(`(?:${PERSONAL_FIELDS})"\\s*:`, 'i')
const VALUE_IN_TEXT = new RegExp(
  `((?:${PERSONAL_FIELDS})\\\\?["']?\\s*[:=]\\s*)(?:(?:Bearer|Basic)\\s+)?(\\\\"[^"\\\\]*\\\\"|"[^"]*"|'[^']*'|[^\\s"',;&})\\]]+)`,
  'gi',
)

export function isPersonalField(name: string): boolean {
  return NAME.test(name)
}

/** Whether JSON text names any such field. */
export function namesPersonalField(json: string): boolean {
  return NAME_IN_JSON.test(json)
}

/** An e-mail address, or an identity made of one. */
export function holdsAddress(text: string): boolean {
  return text.includes('@')
}

/** Addresses as they are and as they stand in a URL; with what they are part of, such as an identity. */
const ADDRESS = /[^\s"'<>@]+(?:@|%40)[^\s"'<>@]+\.[A-Za-z]{2,}/gi
/** Credentials in a URL, and those of HTTP's own kinds, whose form is all that tells them. */
const URL_CREDENTIALS = /(\/\/)[^\s/@]+@/g
const HTTP_CREDENTIALS = /\b(Bearer|Basic)\s+[\w+/=.~-]{6,}/g
const JWT = /\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*/g

/** Free text with everything taken out that may be an address or a secret. */
export function withoutPersonal(text: string): string {
  return text
    .replaceAll(URL_CREDENTIALS, '$1[redacted]@')
    .replaceAll(VALUE_IN_TEXT, '$1[redacted]')
    .replaceAll(HTTP_CREDENTIALS, '$1 [redacted]')
    .replaceAll(JWT, '[redacted]')
    .replaceAll(ADDRESS, '[e-mail]')
}
