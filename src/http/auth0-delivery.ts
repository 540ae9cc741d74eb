/** One element of a delivery: parsed, or kept as the text that could not be. */
export type DeliveredEntry = { readonly value: unknown } | { readonly unreadable: string }

/** The body as a whole is not a log delivery. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError'
}

/**
 * Takes a log stream's body apart, whatever its content type says: an array, `{"logs": […]}`, one entry, or an entry
 * a line. Throws `UndecodableError` when nothing in it can be read; a single bad line spoils only itself.
 */
export function readDelivery(bytes: ArrayBuffer): DeliveredEntry[] {
  const text = decode(bytes).trim()
  const whole = parse(text)
  if (whole !== undefined) return entriesOf(whole.value).map((value) => ({ value }))

  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const entries = lines.map((line): DeliveredEntry => parse(line) ?? { unreadable: line })
  if (!entries.some((entry) => 'value' in entry)) throw new UndecodableError('neither JSON nor JSON lines')
  return entries
}

function entriesOf(whole: unknown): unknown[] {
  if (Array.isArray(whole)) return whole
  if (typeof whole === 'object' && whole !== null && 'logs' in whole && Array.isArray(whole.logs))
    return whole.logs
  return [whole]
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new UndecodableError('not UTF-8', { cause })
  }
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
