/** Control, C1 and format characters (bidi marks among them) and the two line separators; joiners of emoji are text. */
const INVISIBLE = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--\p{Join_Control}]/gv
/** The same for our own text of several lines; a carriage return alone would overwrite the line it ends. */
const INVISIBLE_IN_LINES = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\p{Join_Control}\n\r\t]]|\r(?!\n)/gv

/**
 * One value as a terminal or a page may show it: characters that move the cursor, recolour, reorder or hide text are
 * written out as `\x1b`, `\u202e` or `\n`. Linear in the length of the text.
 */
export function printable(value: string): string {
  return value.replaceAll(INVISIBLE, visible)
}

/** The same for a text of several lines, whose line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replaceAll(INVISIBLE_IN_LINES, visible)
}

/** The same for a finished JSON document: the characters become JSON's own escapes, so its content is unchanged. */
export function printableJson(json: string): string {
  return json.replaceAll(INVISIBLE_IN_LINES, (character) => escapedUnits(character))
}

/** Every string in some plain data, made printable; other values, dates among them, stay as they are. */
export function printableIn<T>(data: T): T {
  return shown(data) as T
}

function shown(data: unknown): unknown {
  if (typeof data === 'string') return printable(data)
  if (Array.isArray(data)) return data.map(shown)
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype)
    return data
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [printable(name), shown(value)]))
}

const SHORT: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return (
    SHORT[character] ?? (code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : escapedUnits(character))
  )
}

/** `\u202e`; a character beyond the first plane as its two halves, as JSON writes it. */
function escapedUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')
}
