import type { RawEntry } from './raw-entry.ts'

/** The maximum number of entries in one delivery. Auth0 sends a few hundred at most. */
export const MAX_ENTRIES = 5_000

/** The delivery has more than `MAX_ENTRIES`. */
export class TooManyEntriesError extends Error {
  override readonly name = 'TooManyEntriesError'
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const NEWLINE = 0x0a
const LOGS = new TextEncoder().encode('logs')

/**
 * Splits a log stream's body into entries: an array, `{"logs": […]}`, one entry, or one entry per line. A single pass
 * over the bytes finds the boundaries and parses nothing, so that an entry of any depth, length or encoding does not
 * affect its neighbours. Throws `TooManyEntriesError` as soon as there are more than `MAX_ENTRIES`.
 */
export function splitDelivery(body: Uint8Array): RawEntry[] {
  const bytes = trimmed(body, 0, body.length)
  const whole = splitArray(bytes) ?? splitObject(bytes)
  return whole ?? splitLines(bytes)
}

/** The elements of a body that is one array; null for every other body. Throws as `splitDelivery` does. */
export function splitArray(body: Uint8Array): RawEntry[] | null {
  const bytes = trimmed(body, 0, body.length)
  if (bytes[0] !== OPEN_ARRAY) return null
  const entries: RawEntry[] = []
  let at = 1
  for (;;) {
    const { end, depth, closed } = scan(bytes, at)
    if (end === bytes.length) return null // no bracket closes it
    const element = trimmed(bytes, at, end)
    const last = bytes[end] === CLOSE_ARRAY
    if (last && entries.length === 0 && element.length === 0) return end === bytes.length - 1 ? [] : null
    add(entries, { bytes: element, depth, closed: closed && isContainer(element) })
    if (last) return end === bytes.length - 1 ? entries : null
    at = end + 1
  }
}

/** A body that is one object: the elements of its `logs` if that is an array, else the object itself. */
function splitObject(bytes: Uint8Array): RawEntry[] | null {
  if (bytes[0] !== OPEN_OBJECT) return null
  const { end, depth, closed } = scan(bytes, 0, true)
  if (!closed || end !== bytes.length) return null // one entry per line, or cut off
  const logs = valueOfLogs(bytes)
  return (logs === null ? null : splitArray(logs)) ?? [{ bytes, depth, closed: true }]
}

/** The value of the last member named `logs`, since JSON parsers use the last; null where there is none. */
function valueOfLogs(bytes: Uint8Array): Uint8Array | null {
  let found: Uint8Array | null = null
  let at = 1
  while (at < bytes.length) {
    const key = skipSpace(bytes, at)
    if (bytes[key] !== QUOTE) return found
    const afterKey = skipString(bytes, key)
    const colon = skipSpace(bytes, afterKey)
    if (bytes[colon] !== COLON) return found
    const { end } = scan(bytes, colon + 1)
    if (isLogs(bytes, key + 1, afterKey - 1)) found = trimmed(bytes, colon + 1, end)
    at = end + 1
  }
  return found
}

function isLogs(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from === LOGS.length && LOGS.every((byte, index) => bytes[from + index] === byte)
}

/** Some bytes as one entry: a line, or one that was quarantined. */
export function rawEntry(bytes: Uint8Array): RawEntry {
  const { end, depth, closed } = scan(bytes, 0)
  return { bytes, depth, closed: closed && end === bytes.length && isContainer(bytes) }
}

/** Strings in JSON never contain a line break, so each line is independent, however broken the others are. */
function splitLines(bytes: Uint8Array): RawEntry[] {
  const entries: RawEntry[] = []
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at)
    const end = newline < 0 ? bytes.length : newline
    const line = trimmed(bytes, at, end)
    if (line.length > 0) add(entries, rawEntry(line))
    at = end + 1
  }
  return entries
}

function add(entries: RawEntry[], entry: RawEntry): void {
  if (entries.length === MAX_ENTRIES) throw new TooManyEntriesError(`more than ${MAX_ENTRIES} entries`)
  entries.push(entry)
}

/**
 * From `at` to the comma or the closing bracket after the value, or to the end; with `untilClosed` no further than the
 * bracket that closes the first one. Brackets are counted and their types are not compared: a value whose brackets do
 * not match is found to be invalid when it is parsed.
 */
function scan(
  bytes: Uint8Array,
  at: number,
  untilClosed = false,
): { end: number; depth: number; closed: boolean } {
  let [open, depth] = [0, 0]
  let index = at
  while (index < bytes.length) {
    const byte = bytes[index]
    if (byte === QUOTE) {
      const after = skipString(bytes, index)
      if (after > bytes.length) return { end: bytes.length, depth, closed: false }
      index = after
      continue
    }
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      open += 1
      if (open > depth) depth = open
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      if (open === 0) return { end: index, depth, closed: true }
      open -= 1
      if (untilClosed && open === 0) return { end: index + 1, depth, closed: true }
    } else if (byte === COMMA && open === 0) return { end: index, depth, closed: true }
    index += 1
  }
  return { end: bytes.length, depth, closed: open === 0 }
}

/** The position after a string that begins at `at`; past the end where no quote closes it. */
function skipString(bytes: Uint8Array, at: number): number {
  let index = at + 1
  for (;;) {
    const byte = bytes[index]
    if (byte === undefined) return bytes.length + 1
    if (byte === QUOTE) return index + 1
    index += byte === BACKSLASH ? 2 : 1
  }
}

function skipSpace(bytes: Uint8Array, at: number): number {
  let index = at
  while (isSpace(bytes[index])) index += 1
  return index
}

/** Without surrounding white space, and without the byte order mark with which some senders begin. */
function trimmed(bytes: Uint8Array, from: number, to: number): Uint8Array {
  let start = from
  let end = to
  if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf && start + 3 <= end)
    start += 3
  while (start < end && isSpace(bytes[start])) start += 1
  while (end > start && isSpace(bytes[end - 1])) end -= 1
  return bytes.subarray(start, end)
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isContainer(bytes: Uint8Array): boolean {
  return bytes[0] === OPEN_ARRAY || bytes[0] === OPEN_OBJECT
}
