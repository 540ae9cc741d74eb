import type { Payload, PayloadCodec } from '@temporalio/common'
import type { Keyring } from '../crypto/keyring.ts'
import { OutsideError } from '../domain/outside-error.ts'
import {
  jsonOf,
  MARKED,
  noteOf,
  SEALED_WITH,
  textOf,
  withJson,
  withNote,
  withoutNotes,
} from './json-payload.ts'
import { PERSONAL, replaceMarked, SEALED, type Json } from './marks.ts'

/**
 * Bound to being a payload and to nothing narrower: a value travels from a signal to an input to the next run, and a
 * namespace may be moved to another cluster under another name.
 */
const PLACE = { collection: 'temporal', person: '', field: 'payload' }

/** Seals what the payload converter marked, value by value, and leaves all else readable. Opens any key of the ring. */
export function createSealingCodec(keyring: Keyring): PayloadCodec {
  const seal = (inside: Json): Json => ({ [SEALED]: keyring.seal(JSON.stringify(inside), PLACE) })
  const open = (sealed: Json): Json => {
    if (typeof sealed !== 'string') {
      throw new OutsideError('seal-broken', 'a payload says it is sealed and is not', {
        detail: { reason: 'it is no text' },
      })
    }
    return { [PERSONAL]: jsonOf(keyring.open(sealed, PLACE)) }
  }

  const encodeOne = (payload: Payload): Payload => {
    const text = noteOf(payload, MARKED) === null ? null : textOf(payload)
    if (text === null) return payload
    const sealed = replaceMarked(jsonOf(text), PERSONAL, seal)
    return withJson(payload, sealed, withNote(payload, SEALED_WITH, keyring.writer, [MARKED]))
  }
  const decodeOne = (payload: Payload): Payload => {
    const text = noteOf(payload, SEALED_WITH) === null ? null : textOf(payload)
    // A mark that came over the wire is nobody's of ours.
    if (text === null) return withoutMarkNote(payload)
    return withJson(
      payload,
      replaceMarked(jsonOf(text), SEALED, open),
      withNote(payload, MARKED, '1', [SEALED_WITH]),
    )
  }
  return {
    encode: async (payloads) => payloads.map(encodeOne),
    decode: async (payloads) => payloads.map(decodeOne),
  }
}

/** The ids of the keys that some payloads are sealed with. */
export function keysUsed(payloads: readonly Payload[]): string[] {
  return [...new Set(payloads.flatMap((payload) => noteOf(payload, SEALED_WITH) ?? []))]
}

function withoutMarkNote(payload: Payload): Payload {
  if (noteOf(payload, MARKED) === null) return payload
  return { ...payload, metadata: withoutNotes(payload.metadata ?? {}, [MARKED]) }
}
