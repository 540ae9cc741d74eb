/** One word of a shell's command line, with any content: ids of some providers contain quotes. */
export function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}
