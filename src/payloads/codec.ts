import type { Payload, PayloadCodec } from '@temporalio/common'
import { keyIdOf, type Keyring } from '../crypto/keyring.ts'
import { OutsideError } from '../domain/outside-error.ts'
import {
  parseJson,
  TAGGED,
  metadataOf,
  SEALED_WITH,
  jsonTextOf,
  withJson,
  withMetadata,
  withoutMetadata,
} from './json-payload.ts'
import { PERSONAL, replaceTagged, SEALED, type Json } from './sensitive-fields.ts'

/**
 * Bound to payloads in general and to nothing narrower: a value travels from a signal to an input to the next run, and
 * a namespace may be moved to another cluster under another name.
 */
const CONTEXT = { collection: 'temporal', person: '', field: 'payload' }

export interface OpenedPayload {
  readonly payload: Payload
  /** The keys that opened values in it, one for each value; what its sender claims is not trusted. */
  readonly keyIds: readonly string[]
}

export interface SealingCodec extends PayloadCodec {
  /** One payload, and the keys that opened it. Throws `seal-broken` where a value in it does not open. */
  open(payload: Payload): OpenedPayload
}

/**
 * Seals what the payload converter marked, value by value, and leaves everything else readable. Opens any key of the
 * ring.
 */
export function createSealingCodec(keyring: Keyring): SealingCodec {
  const seal = (inside: Json): Json => ({ [SEALED]: keyring.seal(JSON.stringify(inside), CONTEXT) })
  const openValue = (sealed: Json, keyIds: string[]): Json => {
    if (typeof sealed !== 'string') {
      throw new OutsideError('seal-broken', 'a payload is marked as encrypted but is not', {
        detail: { reason: 'it is not a string' },
      })
    }
    const inside = parseJson(keyring.open(sealed, CONTEXT))
    keyIds.push(keyIdOf(sealed) ?? '')
    return { [PERSONAL]: inside }
  }

  const encodeOne = (payload: Payload): Payload => {
    const text = metadataOf(payload, TAGGED) === null ? null : jsonTextOf(payload)
    if (text === null) return payload
    const sealed = replaceTagged(parseJson(text), PERSONAL, seal)
    return withJson(payload, sealed, withMetadata(payload, SEALED_WITH, keyring.activeKeyId, [TAGGED]))
  }
  const open = (payload: Payload): OpenedPayload => {
    const text = metadataOf(payload, SEALED_WITH) === null ? null : jsonTextOf(payload)
    // A mark that was received over the wire is not Holdfast's own, so it is removed.
    if (text === null) return { payload: withoutTag(payload), keyIds: [] }
    const keyIds: string[] = []
    const opened = replaceTagged(parseJson(text), SEALED, (sealed) => openValue(sealed, keyIds))
    return { payload: withJson(payload, opened, withMetadata(payload, TAGGED, '1', [SEALED_WITH])), keyIds }
  }
  return {
    encode: async (payloads) => payloads.map(encodeOne),
    decode: async (payloads) => payloads.map((payload) => open(payload).payload),
    open,
  }
}

function withoutTag(payload: Payload): Payload {
  if (metadataOf(payload, TAGGED) === null) return payload
  return { ...payload, metadata: withoutMetadata(payload.metadata ?? {}, [TAGGED]) }
}
