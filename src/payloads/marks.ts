import { holdsAddress, isPersonalField, namesPersonalField } from '../contracts/personal.ts'

/** The one key of an object that stands in place of a personal value. */
export const PERSONAL = 'hf:personal'
/** The same, once the codec has sealed it. */
export const SEALED = 'hf:sealed'

/** What JSON text parses to. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Puts a mark around everything personal or secret, at any depth: strings that hold an address, fields with a name
 * that says so, objects with a key that holds an address, and objects that look like a mark of ours.
 */
export function mark(value: Json): Json {
  if (typeof value === 'string') return holdsAddress(value) ? { [PERSONAL]: value } : value
  if (!isContainer(value)) return value
  if (isList(value)) return value.map(mark)
  if (value[PERSONAL] !== undefined || value[SEALED] !== undefined) return { [PERSONAL]: value }
  if (isFailure(value) || Object.keys(value).some(holdsAddress)) return { [PERSONAL]: value }
  return mapFields(value, (field, name) =>
    isPersonalField(name) && saysSomething(field) ? { [PERSONAL]: field } : mark(field),
  )
}

/** The inverse of `mark`. */
export function unmark(value: Json): Json {
  return replaceMarked(value, PERSONAL, (personal) => personal)
}

/** Every value under a mark with `key`, replaced; what is inside a mark is left as it is. */
export function replaceMarked(value: Json, key: string, replace: (inside: Json) => Json): Json {
  if (!isContainer(value)) return value
  if (isList(value)) return value.map((element) => replaceMarked(element, key, replace))
  const inside = value[key]
  if (inside !== undefined) return replace(inside)
  return mapFields(value, (field) => replaceMarked(field, key, replace))
}

/** Whether there is anything to mark in some JSON; the text alone tells, so that most payloads cost no parsing. */
export function mayNeedMarks(text: string): boolean {
  return (
    holdsAddress(text) || text.includes('"stack_trace"') || text.includes('"hf:') || namesPersonalField(text)
  )
}

/** What the SDK makes of an error's message and stack, which may quote anything. */
function isFailure(value: { readonly [key: string]: Json }): boolean {
  return Object.keys(value).toSorted().join() === 'message,stack_trace'
}

function saysSomething(value: Json): boolean {
  return value !== null && typeof value !== 'boolean' && value !== ''
}

function mapFields(
  value: { readonly [key: string]: Json },
  map: (field: Json, name: string) => Json,
): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, map(field, name)]))
}

function isContainer(value: Json): value is readonly Json[] | { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
