/** Tokens after which a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEXP = /(^|[(,=:[!&|?{};\n]|\breturn|=>)\s*$/

/**
 * The string literals of TypeScript source. Texts joined by `+` count as one, and an expression in a template is `${}`.
 */
export function stringLiterals(source: string): string[] {
  const found: string[] = []
  let at = 0
  let joined = false

  const add = (text: string): void => {
    if (joined) found.push((found.pop() ?? '') + text)
    else found.push(text)
    joined = /^\s*\+\s*['"`]/.test(source.slice(at))
  }
  const quoted = (quote: string): void => {
    let text = ''
    for (at += 1; at < source.length && source[at] !== quote; at += 1) {
      if (source[at] === '\\') text += source[(at += 1)] === 'n' ? '\n' : (source[at] ?? '')
      else text += source[at]
    }
    at += 1
    add(text)
  }
  const template = (): void => {
    let text = ''
    const inner: string[] = []
    for (at += 1; at < source.length && source[at] !== '`'; at += 1) {
      if (source[at] === '\\') text += source[(at += 1)] ?? ''
      else if (source.startsWith('${', at)) {
        at += 2
        const before = found.length
        const outer = joined
        joined = false
        code('}')
        inner.push(...found.splice(before))
        joined = outer
        text += '${}'
      } else text += source[at]
    }
    at += 1
    add(text)
    found.splice(-1, 0, ...inner)
  }
  const code = (end: string | null): void => {
    for (let depth = 0; at < source.length;) {
      const one = source[at] ?? ''
      if (one === "'" || one === '"') quoted(one)
      else if (one === '`') template()
      else if (source.startsWith('//', at)) at = (source.indexOf('\n', at) + 1 || source.length + 1) - 1
      else if (source.startsWith('/*', at)) at = source.indexOf('*/', at) + 2
      else if (one === '/' && BEFORE_REGEXP.test(source.slice(Math.max(0, at - 40), at)))
        at += /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/.exec(source.slice(at))?.[0].length ?? 1
      else {
        if (one === '{') depth += 1
        if (one === '}' && end !== null && depth === 0) return
        if (one === '}') depth -= 1
        at += 1
      }
    }
  }
  code(null)
  return found
}
