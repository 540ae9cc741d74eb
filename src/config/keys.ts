import { z } from 'zod'
import type { SealingKey } from '../crypto/keyring.ts'
import { isLowEntropy } from './secrets.ts'
import { text } from './values.ts'

const KEY_BYTES = 32

/** Parses `<id>:<base64, 32 bytes>`, older keys after commas. */
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
      message: `must be <id>:<base64 of ${KEY_BYTES} bytes>, with older keys after commas`,
    })
    return z.NEVER
  }
  if (new Set(good.map(({ id }) => id)).size < good.length) {
    context.addIssue({ code: 'custom', message: 'must give each key a unique id' })
    return z.NEVER
  }
  const constant = good.filter(({ bytes }) => isLowEntropy(bytes))
  if (constant.length > 0) {
    context.addIssue({
      code: 'custom',
      message: `must be random: ${constant.map(({ id }) => id).join(', ')} repeats itself. openssl rand -base64 ${KEY_BYTES}`,
    })
    return z.NEVER
  }
  return [first, ...older]
})

export const idKey = text.transform((value, context): Buffer => {
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length !== KEY_BYTES) {
    context.addIssue({ code: 'custom', message: `must be the base64 of ${KEY_BYTES} bytes` })
    return z.NEVER
  }
  if (isLowEntropy(bytes)) {
    const message = `must be random: it repeats itself. openssl rand -base64 ${KEY_BYTES}`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  return bytes
})
