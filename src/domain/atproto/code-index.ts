import { CODE_INDEX, MAX_INDEXES, type CodeIndexDetail } from '../../contracts/atproto/code-index.ts'

/** An index of `users` as `listIndexes` describes it, as far as uniqueness of codes depends on it. */
export interface IndexDescription {
  readonly name?: string | undefined
  readonly key: Record<string, unknown>
  readonly unique?: boolean | undefined
  readonly sparse?: boolean | undefined
  readonly partialFilterExpression?: unknown
  readonly expireAfterSeconds?: unknown
}

export type CodeIndexState =
  /** This index keeps codes unique and refuses no user. */
  | { readonly state: 'equivalent'; readonly name: string }
  /** No index exists, and no obstacle to creating one is known. */
  | { readonly state: 'missing' }
  | {
      readonly state: 'not-equivalent'
      readonly detail: CodeIndexDetail
      /** Whether an index nevertheless keeps codes apart. */
      readonly unique: boolean
    }

/**
 * Assesses the indexes of `users`, whatever their names: only a unique index that ignores users without a code
 * qualifies. (Looking for an index by name is what lost every signup in the former system.)
 */
export function assessCodeIndexes(indexes: readonly IndexDescription[]): CodeIndexState {
  const refusing = indexes.find(({ key }) => key['code'] === '2dsphere')
  if (refusing !== undefined) {
    const detail: CodeIndexDetail = { fault: 'refuses-codes', index: nameOf(refusing), type: '2dsphere' }
    return { state: 'not-equivalent', detail, unique: false }
  }
  const onCode = indexes.filter(({ key }) => Object.keys(key).join() === 'code')
  const found = onCode.map((index) => ({ index, fault: faultOf(index) }))
  const good = found.find(({ fault }) => fault === null)
  if (good !== undefined) return { state: 'equivalent', name: nameOf(good.index) }
  // The index that needs the smallest change.
  for (const fault of ['not-sparse', 'partial', 'not-unique'] as const) {
    const worst = found.find((one) => one.fault === fault)
    if (worst === undefined) continue
    const filter = worst.index.partialFilterExpression
    const detail = {
      fault,
      index: nameOf(worst.index),
      ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
    }
    return { state: 'not-equivalent', detail, unique: fault === 'not-sparse' }
  }
  if (indexes.length >= MAX_INDEXES)
    return { state: 'not-equivalent', detail: { fault: 'full' }, unique: false }
  return { state: 'missing' }
}

function faultOf({ key, unique, sparse, partialFilterExpression: filter }: IndexDescription) {
  if (unique !== true || typeof key['code'] !== 'number') return 'not-unique'
  if (sparse === true) return null
  if (filter === undefined) return 'not-sparse'
  return coversCodes(filter) ? null : 'partial'
}

/** Whether every user with a code of text matches a partial index's filter, as far as the filter shows. */
function coversCodes(filter: unknown): boolean {
  if (!isObject(filter)) return false
  return Object.entries(filter).every(([field, condition]) => {
    if (field === '$and') return Array.isArray(condition) && condition.every(coversCodes)
    if (field === '$or') return Array.isArray(condition) && condition.some(coversCodes)
    if (field !== 'code' || !isObject(condition)) return false
    return Object.entries(condition).every(([operator, value]) => {
      if (operator === '$exists') return value === true || value === 1
      if (operator === '$type') return [value].flat().some((type) => type === 'string' || type === 2)
      return (operator === '$gt' || operator === '$gte') && value === ''
    })
  })
}

/** The name for a new index: `code_unique`, or the first like it that no other index has. */
export function freeIndexName(indexes: readonly IndexDescription[]): string {
  const taken = new Set(indexes.map(({ name }) => name))
  let name = CODE_INDEX
  for (let number = 2; taken.has(name); number += 1) name = `${CODE_INDEX}_${number}`
  return name
}

function nameOf(index: IndexDescription): string {
  return index.name ?? 'without a name'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
