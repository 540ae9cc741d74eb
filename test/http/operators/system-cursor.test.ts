import { expect, it } from 'vitest'
import { cursorAfter, placeAt } from '../../../src/http/operators/api/system-cursor.ts'
import { Refused } from '../../../src/http/operators/refused.ts'

const LISTS: Readonly<Record<string, readonly string[]>> = { one: ['a', 'b', 'c'], two: [], three: ['d'] }
const systems = Object.keys(LISTS).map((system) => ({ system }))

/** One entry a page; the cursor within a list is the number of the next entry. */
function pageOf(
  system: string,
  next: string | undefined,
): { entries: readonly string[]; next: string | null } {
  const list = LISTS[system] ?? []
  const from = Number(next ?? 0)
  return { entries: list.slice(from, from + 1), next: from + 1 < list.length ? String(from + 1) : null }
}

it('reads the list of each system to its end, and then that of the next one', () => {
  const seen: string[] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const place = placeAt(systems, cursor)
    if (place === null) throw new Error('there are systems')
    const page = pageOf(place.of.system, place.next)
    seen.push(...page.entries)
    cursor = cursorAfter(systems, place, page.next)
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd'])
})

it.each(['', '1', 'four:', 'four:1', ':1'])('refuses the cursor %j', (cursor) => {
  expect(() => placeAt(systems, cursor)).toThrow(Refused)
})

it('has no place without a system', () => {
  expect(placeAt([], undefined)).toBeNull()
})
