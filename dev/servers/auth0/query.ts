import { badQuery } from './errors.ts'
import { field } from './fields.ts'

/** The supported part of Auth0's Lucene syntax; any other query is refused, never guessed. */
export interface Query {
  test(item: object): boolean
  /** ISO bounds on `created_at` between which every match lies. */
  createdFrom: string | undefined
  createdTo: string | undefined
}

type Test = (item: object) => boolean
type Bounds = { from?: string | undefined; to?: string | undefined }
type Node = { test: Test; created: Bounds }

const tokens =
  /\s+|\(|\)|(?:AND|OR|NOT)(?=[\s(])|[\w.]+:(?:"(?:[^"\\]|\\.)*"|[[{]\s*\S+\s+TO\s+\S+?\s*[\]}]|[^\s()"[\]{}]+)/gy
const term = /^([\w.]+):(?:"((?:[^"\\]|\\.)*)"|([[{])\s*(\S+)\s+TO\s+(\S+?)\s*([\]}])|(\S+))$/s
const folded = new Set(['email', 'name', 'given_name', 'family_name', 'nickname'])
const dateOnly = /^\d{4}-\d{2}-\d{2}$/

function tokenize(text: string): string[] {
  const found: string[] = []
  tokens.lastIndex = 0
  while (tokens.lastIndex < text.length) {
    const match = tokens.exec(text)
    if (!match) throw badQuery(`Invalid query: ${text}`)
    if (match[0].trim() !== '') found.push(match[0])
  }
  return found
}

function valuesAt(item: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(item)) return item.flatMap((one: unknown) => valuesAt(one, path))
  const [head, ...rest] = path
  if (head === undefined) return [item]
  if (item === null || typeof item !== 'object') return []
  return valuesAt(field(item, head), rest)
}

/** Reads a bound as Elasticsearch does: a date without a time stands for its first or its last millisecond. */
function bound(text: string, lastOfDay: boolean): string | undefined {
  if (text === '*') return undefined
  const plain = text.replace(/^"(.*)"$/, '$1')
  const date = new Date(dateOnly.test(plain) && lastOfDay ? `${plain}T23:59:59.999Z` : plain)
  if (Number.isNaN(date.getTime())) throw badQuery(`Invalid query: ${text} is not a date`)
  return date.toISOString()
}

function compileTerm(text: string, known: (name: string) => boolean): Node {
  const [, name = '', phrase, open, low = '', high = '', close, word = ''] = term.exec(text) ?? []
  if (name === '_exists_' && known(word)) {
    return {
      test: (item) => valuesAt(item, word.split('.')).some((value) => value !== undefined && value !== null),
      created: {},
    }
  }
  if (!known(name)) throw badQuery(`Invalid query: ${name} is not searchable`)
  const path = name === 'email.domain' ? ['email'] : name.split('.')
  if (open !== undefined) {
    const from = bound(low, open === '{')
    const to = bound(high, close === ']')
    const inside = (value: unknown) =>
      typeof value === 'string' &&
      (from === undefined || (open === '[' ? value >= from : value > from)) &&
      (to === undefined || (close === ']' ? value <= to : value < to))
    return {
      test: (item) => valuesAt(item, path).some(inside),
      created: name === 'created_at' ? { from, to } : {},
    }
  }
  const wildcard = phrase === undefined && word.endsWith('*')
  if (phrase === undefined && /[*?~^]/.test(word.slice(0, wildcard ? -1 : undefined))) {
    throw badQuery(`Invalid query: ${text}`)
  }
  const fold = (value: string) => (folded.has(name) || name === 'email.domain' ? value.toLowerCase() : value)
  const wanted = fold((phrase ?? (wildcard ? word.slice(0, -1) : word)).replace(/\\(.)/g, '$1'))
  const matches = (value: unknown) => {
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') return false
    const shown = fold(name === 'email.domain' ? String(value).replace(/^.*@/, '') : String(value))
    return wildcard ? shown.startsWith(wanted) : shown === wanted
  }
  return { test: (item) => valuesAt(item, path).some(matches), created: {} }
}

const later = (a?: string, b?: string) => (a !== undefined && (b === undefined || a > b) ? a : b)
const earlier = (a?: string, b?: string) => (a !== undefined && (b === undefined || a < b) ? a : b)

/**
 * Compiles a query. `known` says which fields can be searched. Throws a 400 for a query outside the supported syntax.
 */
export function compileQuery(text: string, known: (name: string) => boolean): Query {
  const rest = tokenize(text)
  const unexpected = () => badQuery(`Invalid query: ${text}`)

  function either(): Node {
    const left = both()
    if (rest[0] !== 'OR') return left
    rest.shift()
    const right = either()
    return { test: (item) => left.test(item) || right.test(item), created: {} }
  }

  function both(): Node {
    const left = one()
    if (rest[0] !== 'AND') return left
    rest.shift()
    const right = both()
    return {
      test: (item) => left.test(item) && right.test(item),
      created: {
        from: later(left.created.from, right.created.from),
        to: earlier(left.created.to, right.created.to),
      },
    }
  }

  function one(): Node {
    const token = rest.shift()
    if (token === undefined || token === ')' || token === 'AND' || token === 'OR') throw unexpected()
    if (token === 'NOT') {
      const inner = one()
      return { test: (item) => !inner.test(item), created: {} }
    }
    if (token !== '(') return compileTerm(token, known)
    const inner = either()
    if (rest.shift() !== ')') throw unexpected()
    return inner
  }

  const whole = either()
  if (rest.length > 0) throw unexpected()
  return { test: whole.test, createdFrom: whole.created.from, createdTo: whole.created.to }
}
