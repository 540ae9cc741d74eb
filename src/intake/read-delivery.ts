import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { parseEntry, type RawEntry } from '../domain/events/raw-entry.ts'
import { splitDelivery } from '../domain/events/split-delivery.ts'
import { createYielder } from './turns.ts'

/** The most bytes of an entry that are quarantined. */
const MOST_QUARANTINED_BYTES = 64 * 1024

/** The body as a whole is not a log delivery. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError'
}

/** The text of an entry, as it is quarantined. */
export interface QuarantinedText {
  readonly content: string
  /** Set where `content` is not the whole entry, or not exactly the entry. */
  readonly original: { readonly bytes: number; readonly sha256: string } | null
}

/**
 * Splits a log stream's body into entries, whatever its content type says. Throws `UndecodableError` when none of them
 * is JSON, and `TooManyEntriesError`. A defect of one entry does not affect the others.
 */
export async function readDelivery(body: Uint8Array): Promise<RawEntry[]> {
  const entries = splitDelivery(body)
  if (entries.length === 0 && decode(body).trim() === '') throw new UndecodableError('it is empty')
  if (entries.length > 0 && !(await someAreJson(entries)))
    throw new UndecodableError('neither JSON nor JSON lines')
  return entries
}

async function someAreJson(entries: readonly RawEntry[]): Promise<boolean> {
  const turn = createYielder()
  for (const entry of entries) {
    if (isJson(entry)) return true
    await turn()
  }
  return false
}

/** The original text, cut to 64 KiB at a character's boundary. */
export function quarantinedText({ bytes }: RawEntry): QuarantinedText {
  const cut =
    bytes.length > MOST_QUARANTINED_BYTES ? bytes.subarray(0, boundary(bytes, MOST_QUARANTINED_BYTES)) : bytes
  const exact = cut.length === bytes.length && isUtf8(bytes)
  return {
    content: decode(cut),
    original: exact
      ? null
      : { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  }
}

/** Distinguishes entries that have no id. */
export function digestOf({ bytes }: RawEntry): string {
  return createHash('sha256').update(bytes).digest('base64')
}

/** An array or object that is refused only for a limit or its encoding still shows that the body is a delivery. */
function isJson(entry: RawEntry): boolean {
  const parsed = parseEntry(entry)
  return 'value' in parsed || (entry.closed && parsed.refused !== 'not JSON')
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** The last position up to `at` that does not split a character. */
function boundary(bytes: Uint8Array, at: number): number {
  let place = at
  while (place > at - 4 && ((bytes[place] ?? 0) & 0xc0) === 0x80) place -= 1
  return place
}
