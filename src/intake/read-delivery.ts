import { isUtf8 } from 'node:buffer'

/** One element of a delivery: parsed, or kept as the text that could not be. */
export type DeliveredEntry = { readonly value: unknown } | { readonly unreadable: string }

/** The body as a whole is not a log delivery. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError'
}

/**
 * Takes a log stream's body apart, whatever its content type says: an array, `{"logs": […]}`, one entry, or an entry
 * a line. Throws `UndecodableError` when nothing in it can be read; a single bad line, be it of bytes that are no
 * UTF-8, spoils only itself.
 */
export function readDelivery(bytes: ArrayBuffer): DeliveredEntry[] {
  const clean = isUtf8(bytes)
  const text = new TextDecoder().decode(bytes).trim()
  const whole = clean ? parse(text) : undefined
  if (whole !== undefined) return entriesOf(whole.value).map((value) => ({ value }))

  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const spoilt = (line: string): boolean => !clean && line.includes(REPLACEMENT)
  const entries = lines.map(
    (line): DeliveredEntry => (spoilt(line) ? undefined : parse(line)) ?? { unreadable: line },
  )
  if (!entries.some((entry) => 'value' in entry)) throw new UndecodableError('neither JSON nor JSON lines')
  return entries
}

/** What the decoder puts where bytes are no UTF-8. */
const REPLACEMENT = '\uFFFD'

function entriesOf(whole: unknown): unknown[] {
  if (Array.isArray(whole)) return whole
  if (typeof whole === 'object' && whole !== null && 'logs' in whole && Array.isArray(whole.logs))
    return whole.logs
  return [whole]
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
