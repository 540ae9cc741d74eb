/** An address has at most 254 characters; an identity that holds one has at most 255 before it. */
const FURTHEST = 255
/** The sign of an address, also percent-encoded and full-width. */
export const AT_SIGN = /@|%40|\uFF20/i
const AT = new RegExp(AT_SIGN, 'gi')
const BEFORE = /[^\s"'<>@\uFF20]/u
const IN_DOMAIN = /[\p{L}\p{M}\p{N}.-]/u
const LETTER = /\p{L}/u
const LITERAL = /\[[0-9a-fA-F:.]{2,64}\]/y

/**
 * Text with every e-mail address in it replaced, in any script, quoted or not, plain or percent-encoded, together with
 * the identity it is part of. Each `@` is inspected once, and from there at most 255 characters in either direction,
 * none of them twice, so the work is linear in the length of the text. `inspected` is called for each character, for a
 * test.
 */
export function withoutAddresses(text: string, inspected: () => void = () => {}): string {
  let clean = ''
  let done = 0
  for (const { 0: at, index } of text.matchAll(AT)) {
    const start = startOf(text, index, done, inspected)
    const end = endOf(text, index + at.length, inspected)
    if (index < done || start === index || end === null || isNoAddress(text, start, index, end)) continue
    clean += `${text.slice(done, start)}[e-mail]`
    done = end
  }
  return clean + text.slice(done)
}

/** Index at which the local part begins, or the identity it is part of. */
function startOf(text: string, at: number, floor: number, inspected: () => void): number {
  const lowest = Math.max(floor, at - FURTHEST)
  const quoted = text[at - 1] === '"'
  let start = quoted ? at - 1 : at
  while (start > lowest) {
    inspected()
    const character = text[start - 1] ?? ''
    if (quoted ? character === '"' : !BEFORE.test(character)) break
    start -= 1
  }
  if (!quoted) return start
  return start > lowest ? start - 1 : at // with its opening quote, or no quoted part at all
}

/** Index at which the domain ends; null where no domain follows. */
function endOf(text: string, from: number, inspected: () => void): number | null {
  LITERAL.lastIndex = from
  const literal = LITERAL.exec(text)
  inspected()
  if (literal !== null) return from + literal[0].length
  let end = from
  while (end < text.length && end - from < FURTHEST) {
    inspected()
    if (!IN_DOMAIN.test(text[end] ?? '')) break
    end += 1
  }
  while (end > from && /[.-]/.test(text[end - 1] ?? '')) end -= 1
  const last = text.slice(from, end).split('.').at(-1) ?? ''
  return LETTER.test(last) ? end : null
}

/**
 * Recognizes `…/node_modules/@scope/name`, `…/name@1.2.3-rc/file.js`, and URL credentials that are already redacted.
 */
function isNoAddress(text: string, start: number, at: number, end: number): boolean {
  if (/[/\\]/.test(text[at - 1] ?? '') || text.slice(start, at).endsWith('[redacted]')) return true
  return /^\d+\.\d+\.\d+/.test(text.slice(at + 1, end)) && /[/\\]/.test(text[end] ?? '')
}
