import type { Payload } from '@temporalio/common'
import { decode, encode } from '@temporalio/common/lib/encoding.js'
import type { Json } from './marks.ts'

/** In the metadata: this payload holds marks of ours, in clear. Never on the wire. */
export const MARKED = 'hf-marked'
/** In the metadata: this payload holds values sealed with the key of this id. */
export const SEALED_WITH = 'hf-sealed-with'

/** The JSON text of a payload; null for one that is not JSON (nothing, bytes). */
export function textOf({ metadata, data }: Payload): string | null {
  const encoding = metadata?.['encoding']
  if (!encoding || !data || decode(encoding) !== 'json/plain') return null
  return decode(data)
}

export function jsonOf(text: string): Json {
  return JSON.parse(text) as Json
}

export function withJson(payload: Payload, value: Json, metadata: Record<string, Uint8Array>): Payload {
  return { ...payload, metadata, data: encode(JSON.stringify(value)) }
}

/** A flag or a name in a payload's metadata; null when it is not there. */
export function noteOf({ metadata }: Payload, name: string): string | null {
  const note = metadata?.[name]
  return note ? decode(note) : null
}

export function withNote(
  { metadata }: Payload,
  name: string,
  value: string,
  without: readonly string[] = [],
): Record<string, Uint8Array> {
  return { ...withoutNotes(metadata ?? {}, without), [name]: encode(value) }
}

export function withoutNotes(
  metadata: Record<string, Uint8Array>,
  names: readonly string[],
): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name)))
}
