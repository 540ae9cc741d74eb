import { counted } from '../text/counted.ts'

/** The number of reasons named in a sentence; `quarantine list` shows all. */
const MOST_REASONS = 5

/** `3 events could not be read and are quarantined: not JSON (2), not a log entry: no type (1)` */
export function quarantineText(count: number, reasons: Readonly<Record<string, number>>): string {
  const all = Object.entries(reasons)
  const named = all.slice(0, MOST_REASONS).map(([reason, times]) => `${reason} (${times})`)
  const more = all.length > MOST_REASONS ? `, and ${all.length - MOST_REASONS} more reasons` : ''
  const subject = counted(count, 'event could not be read and is', 'events could not be read and are')
  return `${subject} quarantined: ${named.join(', ')}${more}`
}

/** The operator's options. */
export function quarantineFix(system: string): string {
  return (
    `To list them: holdfast quarantine ${system} list. ` +
    `To process them once their cause is fixed: holdfast quarantine ${system} retry --all. ` +
    `To drop one that does not matter: holdfast quarantine ${system} drop <id>`
  )
}
