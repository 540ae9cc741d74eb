import type { Payload } from '@temporalio/common'
import { jsonTextOf, parseJson } from './json-payload.ts'

/**
 * Every `identity`, and every string in a list `identities`, in a payload, at any depth: inputs and results of our
 * workflows name people by them.
 */
export function identitiesIn(payload: Payload | undefined): string[] {
  const text = payload === undefined ? null : jsonTextOf(payload)
  const found = new Set<string>()
  // Without recursion, so that no depth overflows the call stack.
  const left: unknown[] = text === null ? [] : [parseJson(text)]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value !== 'object' || value === null) continue
    if ('identity' in value && typeof value.identity === 'string') found.add(value.identity)
    if ('identities' in value && Array.isArray(value.identities))
      for (const one of value.identities) if (typeof one === 'string') found.add(one)
    for (const inside of Object.values(value)) if (typeof inside === 'object') left.push(inside)
  }
  return [...found]
}
