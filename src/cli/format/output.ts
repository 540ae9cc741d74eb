import pc from 'picocolors'
import { withRunnableCommands } from '../../domain/text/commands-in-text.ts'
import { printableJson, printableLines } from '../../domain/text/printable.ts'

/** The colours that `picocolors` adds to our own text. No other escape sequence reaches a terminal. */
// oxlint-disable-next-line no-control-regex
const OUR_COLOURS = /(\x1b\[(?:1|2|22|3[1-6]|39)m)/

/**
 * Writes lines for people to standard output. Text that was not made printable before is made so here, except our own
 * colours where the terminal shows them.
 */
export function printLines(text: string): void {
  process.stdout.write(`${terminalText(text)}\n`)
}

/** Writes to standard error; the caller adds line ends. */
export function printProgress(text: string): void {
  process.stderr.write(terminalText(withRunnableCommands(text)))
}

/** One JSON document with the same content, but without any character that a terminal would interpret. */
export function printJson(document: unknown): void {
  process.stdout.write(`${printableJson(JSON.stringify(document, null, 2))}\n`)
}

/** One JSON document on one line. */
export function printJsonLine(document: unknown): void {
  process.stdout.write(`${printableJson(JSON.stringify(document))}\n`)
}

export function terminalText(text: string, coloured = pc.isColorSupported): string {
  if (!coloured) return printableLines(text)
  return text
    .split(OUR_COLOURS)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join('')
}
