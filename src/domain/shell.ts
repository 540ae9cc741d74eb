/** One word of a shell's command line, whatever it holds: ids of some providers hold quotes. */
export function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}
