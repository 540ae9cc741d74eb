/** An index of `users` as `listIndexes` describes it, as far as uniqueness of codes depends on it. */
export interface IndexDescription {
  readonly name?: string | undefined
  readonly key: Record<string, unknown>
  readonly unique?: boolean | undefined
  readonly sparse?: boolean | undefined
  readonly partialFilterExpression?: unknown
}

export type CodeIndexState =
  | { readonly state: 'equivalent'; readonly name: string }
  | { readonly state: 'missing' }
  | { readonly state: 'not-equivalent'; readonly name: string; readonly lacks: string }

/**
 * Judges what stands on `users.code`, whatever its name: only a unique index that leaves users without a code
 * alone keeps the promise. (Asking for ours by name is what lost every signup in the system before.)
 */
export function codeIndexState(indexes: readonly IndexDescription[]): CodeIndexState {
  const onCode = indexes.filter((index) => Object.keys(index.key).join() === 'code')
  const good = onCode.find((index) => lacks(index).length === 0)
  if (good !== undefined) return { state: 'equivalent', name: nameOf(good) }
  const [bad] = onCode
  if (bad === undefined) return { state: 'missing' }
  return { state: 'not-equivalent', name: nameOf(bad), lacks: lacks(bad).join(' and ') }
}

function lacks(index: IndexDescription): string[] {
  const ordered = index.key['code'] === 1 || index.key['code'] === -1
  return [
    ...(index.unique === true && ordered ? [] : ['unique']),
    ...(index.sparse === true || onlyWithCode(index.partialFilterExpression) ? [] : ['sparse']),
  ]
}

/** A partial index over users that have a code does what a sparse one does. */
function onlyWithCode(filter: unknown): boolean {
  return (
    filter !== undefined &&
    [{ code: { $exists: true } }, { code: { $type: 'string' } }].some(
      (same) => JSON.stringify(same) === JSON.stringify(filter),
    )
  )
}

function nameOf(index: IndexDescription): string {
  return index.name ?? 'without a name'
}
