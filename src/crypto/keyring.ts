import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { OutsideError } from '../domain/outside-error.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FORM = 'hf1'

export interface SealingKey {
  readonly id: string
  /** 32 bytes. */
  readonly bytes: Buffer
}

/** The place of a sealed value. A value copied to another person or field does not open there. */
export interface EncryptionContext {
  readonly collection: string
  readonly person: string
  readonly field: string
}

export interface Keyring {
  /** The id of the key that seals. */
  readonly activeKeyId: string
  /** `hf1.<keyId>.<nonce>.<data>`, base64url; the first key of `HOLDFAST_KEY` writes. */
  seal(plain: string, place: EncryptionContext): string
  /** Opens what any key of the ring sealed. Throws `seal-broken` for everything else. */
  open(sealed: string, place: EncryptionContext): string
}

/** AES-256-GCM with a random nonce a value, the place bound in as associated data. */
export function createKeyring(keys: readonly [SealingKey, ...SealingKey[]]): Keyring {
  const [writer] = keys
  // Created once: a call that starts from bytes takes several times as long.
  const secrets = new Map(keys.map(({ id, bytes }) => [id, createSecretKey(bytes)]))
  const secretOf = (id: string): KeyObject => {
    const secret = secrets.get(id)
    if (secret === undefined) throw sealBroken(`key ${id} is not in HOLDFAST_KEY`)
    return secret
  }
  return {
    activeKeyId: writer.id,
    seal(plain, place) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, secretOf(writer.id), nonce).setAAD(associatedData(place))
      const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [FORM, writer.id, nonce.toString('base64url'), data.toString('base64url')].join('.')
    },
    open(sealed, place) {
      const [form, keyId, nonce, data, ...rest] = sealed.split('.')
      if (
        form !== FORM ||
        keyId === undefined ||
        nonce === undefined ||
        data === undefined ||
        rest.length > 0
      ) {
        throw sealBroken('it does not have the form hf1.<keyId>.<nonce>.<data>')
      }
      const secret = secretOf(keyId)
      const bytes = Buffer.from(data, 'base64url')
      try {
        const decipher = createDecipheriv(CIPHER, secret, Buffer.from(nonce, 'base64url'), {
          authTagLength: TAG_BYTES, // otherwise Node accepts a shortened tag
        })
          .setAAD(associatedData(place))
          .setAuthTag(bytes.subarray(-TAG_BYTES))
        return decipher.update(bytes.subarray(0, -TAG_BYTES)).toString('utf8') + decipher.final('utf8')
      } catch (cause) {
        throw sealBroken(
          `key ${keyId} does not decrypt it here: the value was altered, or copied from another field`,
          cause,
        )
      }
    },
  }
}

export function isSealed(value: string): boolean {
  return value.startsWith(`${FORM}.`)
}

/** The id of the key a value is sealed with; null for one that is not sealed. */
export function keyIdOf(value: string): string | null {
  return isSealed(value) ? (value.split('.')[1] ?? null) : null
}

/**
 * Lower-case hex HMAC-SHA256 under `HOLDFAST_ID_KEY`, over the exact bytes: a name for a value that must not be shown
 * in clear text.
 */
export function createIdHash(key: Buffer): (value: string) => string {
  const secret = createSecretKey(key)
  return (value) => createHmac('sha256', secret).update(value, 'utf8').digest('hex')
}

function associatedData({ collection, person, field }: EncryptionContext): Buffer {
  return Buffer.from(JSON.stringify([collection, person, field]), 'utf8')
}

function sealBroken(reason: string, cause?: unknown): OutsideError {
  return new OutsideError('seal-broken', `an encrypted value cannot be decrypted: ${reason}`, {
    cause,
    detail: { reason },
  })
}
