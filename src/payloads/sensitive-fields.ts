import { containsAddress, isPersonalField, namesPersonalField } from '../contracts/personal.ts'

/** The only key of an object that replaces a personal value. */
export const PERSONAL = 'hf:personal'
/** The same, once the codec has sealed it. */
export const SEALED = 'hf:sealed'

/** A value as parsed from JSON text. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * Puts a mark around everything personal or secret, at any depth: strings that hold an address, fields with a sensitive
 * name, objects with a key that holds an address, and objects that look like such a mark.
 */
export function tagSensitive(value: Json): Json {
  if (typeof value === 'string') return containsAddress(value) ? { [PERSONAL]: value } : value
  if (!isContainer(value)) return value
  if (isList(value)) return value.map(tagSensitive)
  if (value[PERSONAL] !== undefined || value[SEALED] !== undefined) return { [PERSONAL]: value }
  if (isFailure(value) || Object.keys(value).some(containsAddress)) return { [PERSONAL]: value }
  return mapFields(value, (field, name) =>
    isPersonalField(name) && hasContent(field) ? { [PERSONAL]: field } : tagSensitive(field),
  )
}

/** The inverse of `tagSensitive`. */
export function untag(value: Json): Json {
  return replaceTagged(value, PERSONAL, (personal) => personal)
}

/** Replaces every value under a mark with `key`; marks inside a mark are left as they are. */
export function replaceTagged(value: Json, key: string, replace: (inside: Json) => Json): Json {
  if (!isContainer(value)) return value
  if (isList(value)) return value.map((element) => replaceTagged(element, key, replace))
  const inside = value[key]
  if (inside !== undefined) return replace(inside)
  return mapFields(value, (field) => replaceTagged(field, key, replace))
}

/** Whether some JSON may need marks; only the text is searched, so that most payloads are not parsed. */
export function mayBeSensitive(text: string): boolean {
  return (
    containsAddress(text) ||
    text.includes('"stack_trace"') ||
    text.includes('"hf:') ||
    namesPersonalField(text)
  )
}

/** Recognizes the SDK's form of an error's message and stack, which may quote anything. */
function isFailure(value: { readonly [key: string]: Json }): boolean {
  return Object.keys(value).toSorted().join() === 'message,stack_trace'
}

function hasContent(value: Json): boolean {
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
