import type { Payload } from '@temporalio/common'
import { decode, encode } from '@temporalio/common/lib/encoding.js'
import type { Json } from './sensitive-fields.ts'

/** Metadata key: this payload holds Holdfast's marks, unencrypted. Never on the wire. */
export const TAGGED = 'hf-marked'
/** Metadata key: this payload holds values sealed with the key of this id. */
export const SEALED_WITH = 'hf-sealed-with'

/** The JSON text of a payload; null for one that is not JSON (nothing, bytes). */
export function jsonTextOf({ metadata, data }: Payload): string | null {
  const encoding = metadata?.['encoding']
  if (!encoding || !data || decode(encoding) !== 'json/plain') return null
  return decode(data)
}

export function parseJson(text: string): Json {
  return JSON.parse(text) as Json
}

export function withJson(payload: Payload, value: Json, metadata: Record<string, Uint8Array>): Payload {
  return { ...payload, metadata, data: encode(JSON.stringify(value)) }
}

/** A flag or a name in a payload's metadata; null when it is not there. */
export function metadataOf({ metadata }: Payload, name: string): string | null {
  const note = metadata?.[name]
  return note ? decode(note) : null
}

export function withMetadata(
  { metadata }: Payload,
  name: string,
  value: string,
  without: readonly string[] = [],
): Record<string, Uint8Array> {
  return { ...withoutMetadata(metadata ?? {}, without), [name]: encode(value) }
}

export function withoutMetadata(
  metadata: Record<string, Uint8Array>,
  names: readonly string[],
): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !names.includes(name)))
}
