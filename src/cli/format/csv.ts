/**
 * RFC 4180, with a header, every cell quoted. A text that a spreadsheet would read as a formula, in any of its lines,
 * gets an apostrophe there, as OWASP recommends under "CSV injection".
 */
export function csv(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')
}

function cell(value: unknown): string {
  const text = typeof value === 'string' ? asText(value) : value === null ? '' : JSON.stringify(value)
  return `"${text.replaceAll('"', '""')}"`
}

/** Spreadsheets skip white space before a formula, and accept the full-width signs as well. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^\t/

function asText(value: string): string {
  const lines = value.split(/(\r\n|\r|\n)/).map((line) => (FORMULA.test(line) ? `'${line}` : line))
  const text = lines.join('')
  return /^[\r\n]/.test(text) ? `'${text}` : text
}
