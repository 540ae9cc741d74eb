import { Refused } from '../refused.ts'

/** The place of a page in the lists of several systems, which follow each other. */
export interface SystemPlace<S> {
  readonly of: S
  /** The cursor within that system's list; undefined at its beginning. */
  readonly next: string | undefined
}

interface Named {
  readonly system: string
}

/** The place that a cursor names; the beginning of the first list without one. Null where there is no system. */
export function placeAt<S extends Named>(
  systems: readonly S[],
  cursor: string | undefined,
): SystemPlace<S> | null {
  const [first] = systems
  if (first === undefined) return null
  if (cursor === undefined) return { of: first, next: undefined }
  const [, name, next = ''] = /^([^:]+):(.*)$/.exec(cursor) ?? []
  const of = systems.find(({ system }) => system === name)
  if (of === undefined)
    throw new Refused('request-invalid', 'query.next: it is not the next of a page with the same filters')
  return { of, next: next === '' ? undefined : next }
}

/** The cursor after a page whose own list goes on at `next`, or has ended where that is null; null after the last list. */
export function cursorAfter<S extends Named>(
  systems: readonly S[],
  { of }: SystemPlace<S>,
  next: string | null,
): string | null {
  if (next !== null) return `${of.system}:${next}`
  const following = systems[systems.indexOf(of) + 1]
  return following === undefined ? null : `${following.system}:`
}
