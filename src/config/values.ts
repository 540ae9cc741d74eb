import { z } from 'zod'

export const text = z.string().trim().min(1)

export const days = z.coerce
  .number({ error: 'must be a number of days' })
  .positive('must be more than 0 days')

export const minutes = z.coerce
  .number({ error: 'must be a number of minutes' })
  .nonnegative('must be 0 minutes or more')

/** A deletion counts runs that are still listed after two minutes as a problem, so it has to ask for them earlier. */
export const ackSeconds = z.coerce
  .number({ error: 'must be a number of seconds' })
  .nonnegative('must be 0 seconds or more')
  .max(100, 'must be at most 100 seconds')

export const hours = z.coerce
  .number({ error: 'must be a number of hours' })
  .nonnegative('must be 0 hours or more')

export const people = z.coerce
  .number({ error: 'must be a number of people' })
  .int('must be a whole number of people')
  .nonnegative('must be 0 people or more')

/** A date or time in the past: a future one would include accounts that are created from now on. */
export const passedDate = text
  .refine((value) => /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(value) && isMoment(value), {
    error: 'must be a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z',
  })
  .transform((value) => new Date(value))
  .refine((date) => !(date.getTime() > Date.now()), { error: 'must be a date that has passed' })

function isMoment(value: string): boolean {
  return !Number.isNaN(Date.parse(value))
}

export const perSecond = z.coerce
  .number({ error: 'must be a number per second' })
  .positive('must be more than 0 per second')

export const port = z.coerce.number({ error: 'must be a port' }).int().min(0).max(65_535)

/** `<host>:<port>`, with an address for the host, as a socket is bound to it. */
export const socketAddress = text.regex(/^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):\d{1,5}$/i, {
  error: 'must be an address and a port, such as 127.0.0.1:9464',
})

export function url(protocols: readonly string[]): z.ZodType<string> {
  return text.refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that begins with ${protocols.map((name) => `${name}//`).join(' or ')}`,
  })
}

/** `postgres://…/<database>`, with the parameters of libpq: `sslmode`, `sslrootcert` and the like. */
export const postgresUrl = url(['postgres:', 'postgresql:'])
  .refine((value) => !URL.canParse(value) || new URL(value).pathname.length > 1, {
    error: 'must name a database after the host: postgres://<user>:<password>@<host>:5432/<database>',
  })
  .refine((value) => !/[?&](?:options|statement_timeout)=/.test(value), {
    error: 'must not set options or statement_timeout, which a pooler refuses: set them by alter role',
  })

/** The format of the MongoDB driver, which may list several hosts and therefore does not parse as a URL. */
export const mongoUri = text
  .regex(/^mongodb(?:\+srv)?:\/\/(?:[^\s/@]*@)?[^\s/@]+(?:\/|$|\?)/, {
    error: 'must begin with mongodb:// or mongodb+srv:// and name a host',
  })
  .refine((value) => isEncoded(/^[^/]+\/\/([^/@]*)@/.exec(value)?.[1] ?? ''), {
    error: 'must have user and password percent-encoded: a % in them is written %25',
  })

function isEncoded(credentials: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(credentials)
}

/** Message for a URL over which secrets, addresses and decrypted values would be sent unencrypted. */
const CLEAR = 'must begin with https://, unless its host is this machine or a name without dots'

/** Accepts a name without dots, which belongs to a private network, such as a service of docker compose. */
function isSafe(value: string): boolean {
  if (!URL.canParse(value)) return true // reported already
  const { protocol, hostname } = new URL(value)
  return protocol !== 'http:' || isLoopback(hostname) || !/[.:]/.test(hostname)
}

/** Whether a server that listens on this host is reached from this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return ['127.0.0.1', '::1', 'localhost'].includes(host)
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

const webUrl = url(['http:', 'https:']).refine(isSafe, { error: CLEAR })

/** Used unchanged: a webhook's address may carry a token at its end. */
export const alertUrl = webUrl

/** The address of a page, of which the origin is used. */
export const pageUrl = webUrl

/** Pages that anybody may read, so `http://` is accepted for every host. */
export const docsUrl = url(['http:', 'https:']).transform((value) => value.replace(/\/+$/, ''))

/** A domain name, with a port or without; or a whole URL, for a stand-in. */
export const domain = text
  .refine((value) => value.includes('://') || isHost(value), {
    error: 'must be a domain name, or a complete URL',
  })
  .refine((value) => !value.includes('://') || (URL.canParse(value) && /^https?:/.test(value)), {
    error: 'must be a domain name, or a URL that begins with http:// or https://',
  })
  .refine((value) => !value.includes('://') || isSafe(value), { error: CLEAR })

function isHost(value: string): boolean {
  return /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:\d+)?$/i.test(value) && URL.canParse(`https://${value}`)
}

export const handleDomain = text.regex(/^(?:\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i, {
  error: 'must be a domain with its leading dot, such as .at.example.com',
})

export const hostedUrl = webUrl.transform((value) => value.replace(/\/+$/, ''))

export function list<const T extends string>(names: readonly T[]): z.ZodType<T[]> {
  return text.transform((value, context) => {
    const asked = value.split(',').map((name) => name.trim())
    const unknown = asked.filter((name) => !names.some((known) => known === name))
    if (unknown.length > 0) {
      context.addIssue({
        code: 'custom',
        message: `must contain only ${names.join(', ')}; unknown: ${unknown.join(', ')}`,
      })
    }
    return names.filter((name) => asked.includes(name))
  })
}
