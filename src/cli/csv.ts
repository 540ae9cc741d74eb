/** RFC 4180, a header first. A cell that a spreadsheet would take for a formula is told as text. */
export function csv(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')
}

function cell(value: unknown): string {
  const plain = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
  const text = /^[=+\-@\t]/.test(plain) ? `'${plain}` : plain
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
