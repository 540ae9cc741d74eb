import { z } from 'zod'
import type { SealingKey } from '../crypto/keyring.ts'

const KEY_BYTES = 32

export const text = z.string().trim().min(1)

export const days = z.coerce
  .number({ error: 'must be a number of days' })
  .positive('must be more than 0 days')

export const perSecond = z.coerce
  .number({ error: 'must be a number a second' })
  .positive('must be more than 0 a second')

export const port = z.coerce.number({ error: 'must be a port' }).int().min(0).max(65_535)

export function url(protocols: readonly string[]): z.ZodType<string> {
  return text.refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that begins with ${protocols.map((name) => `${name}//`).join(' or ')}`,
  })
}

/** The driver's own form, which may list several hosts and so is no URL for the platform's parser. */
export const mongoUri = text.regex(/^mongodb(?:\+srv)?:\/\/[^\s/]+/, {
  error: 'must begin with mongodb:// or mongodb+srv:// and name a host',
})

/** Taken as it is: a hook's address may carry a token at its end. */
export const alertUrl = url(['http:', 'https:'])

export const hostedUrl = url(['http:', 'https:']).transform((value) => value.replace(/\/+$/, ''))

export function list<const T extends string>(names: readonly T[]): z.ZodType<T[]> {
  return text.transform((value, context) => {
    const asked = value.split(',').map((name) => name.trim())
    const unknown = asked.filter((name) => !names.some((known) => known === name))
    if (unknown.length > 0) {
      context.addIssue({
        code: 'custom',
        message: `must be some of ${names.join(', ')}; unknown: ${unknown.join(', ')}`,
      })
    }
    return names.filter((name) => asked.includes(name))
  })
}

/** `<id>:<base64, 32 bytes>`, older keys after commas. */
export const sealingKeys = text.transform((value, context): [SealingKey, ...SealingKey[]] => {
  const keys = value.split(',').map((entry): SealingKey | null => {
    const [, id, encoded] = /^\s*([A-Za-z0-9_-]+):(\S+)\s*$/.exec(entry) ?? []
    const bytes = Buffer.from(encoded ?? '', 'base64')
    return id !== undefined && bytes.length === KEY_BYTES ? { id, bytes } : null
  })
  const good = keys.filter((key) => key !== null)
  const [first, ...older] = good
  if (first === undefined || good.length < keys.length) {
    context.addIssue({
      code: 'custom',
      message: `must be <id>:<base64 of ${KEY_BYTES} bytes>, older keys after commas`,
    })
    return z.NEVER
  }
  if (new Set(good.map(({ id }) => id)).size < good.length) {
    context.addIssue({ code: 'custom', message: 'must give each key an id of its own' })
    return z.NEVER
  }
  return [first, ...older]
})

/** A secret of our own, so it can be asked to be hard to guess. */
export const operatorToken = text.min(16, {
  error: 'must be at least 16 characters: openssl rand -base64 24',
})

export const idKey = text.transform((value, context): Buffer => {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== KEY_BYTES) {
    context.addIssue({ code: 'custom', message: `must be the base64 of ${KEY_BYTES} bytes` })
    return z.NEVER
  }
  return bytes
})
