import { AT_SIGN, withoutAddresses } from './addresses.ts'

/**
 * Fields whose values are personal or secret wherever they occur: encrypted before they are sent to Temporal, removed
 * from logs.
 */
const PERSONAL_FIELDS = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'email',
  'token',
  'secret',
  'authorization',
  'cookie',
  'api[-_]?key',
  'private[-_]?key',
  'client[-_]?assertion',
  'invite[-_]?code',
  '(?:access|refresh)[-_]?jwt',
].join('|')

/** Matches `clientSecret` and `refresh_token` as well as `secret` and `token`, but not `emailVerified`. */
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

/** Whether a text holds an e-mail address, or an identity made of one. */
export function containsAddress(text: string): boolean {
  return AT_SIGN.test(text)
}

/** Each run of characters is matched from its beginning alone, or for a bounded length, so the work stays linear. */
const URL_CREDENTIALS = /(\/\/)[^\s/@]+@/g
/** A database password that holds a slash: the last @ of the address ends it. */
const DATABASE_CREDENTIALS =
  /(\b(?:mongodb(?:\+srv)?|postgres(?:ql)?|rediss?|amqps?|smtps?):\/\/)\S{1,300}@/gi
const HTTP_CREDENTIALS = /\b(Bearer|Basic)\s+[\w+/=.~-]{6,}/g
const COOKIES = /(cookie\\?["']?\s*[:=]\s*\\?["']?)[^\r\n"'\\]+/gi
const JWT = /(?<![\w-])eyJ[\w-]{6,}\.[\w-]+\.[\w-]*/g
/** Webhooks whose address is their secret. */
const HOOKS = /(https:\/\/(?:hooks\.[\w.-]{1,253}|discord(?:app)?\.com\/api\/webhooks)\/)[^\s"'<>\\]+/gi

/** Free text with everything removed that may be an address or a secret. Linear in the length of the text. */
export function withoutPersonal(text: string): string {
  const clean = text
    .replaceAll(DATABASE_CREDENTIALS, '$1[redacted]@')
    .replaceAll(URL_CREDENTIALS, '$1[redacted]@')
    .replaceAll(HOOKS, '$1[redacted]')
    .replaceAll(COOKIES, '$1[redacted]')
    .replaceAll(VALUE_IN_TEXT, '$1[redacted]')
    .replaceAll(HTTP_CREDENTIALS, '$1 [redacted]')
    .replaceAll(JWT, '[redacted]')
  return withoutAddresses(clean)
}
