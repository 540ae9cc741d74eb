/**
 * Handles that people choose. Those that a PDS can accept get the round's tag as a suffix, since accounts of earlier
 * rounds stay; several map to the same label. For the others the user code is used.
 */
const FIT = ['ada', 'Ada', 'grace', 'a.b', 'a_b', 'a-b', '@mary']
const UNFIT = ['43', 'admin', '-edge-', 'no space', 'way.too.long.for.any.pds', 'ümlaut']
export const HANDLES = [...FIT, ...UNFIT]

export function taggedHandle(handle: string, tag: string): string {
  return FIT.includes(handle) ? `${handle}${tag}` : handle
}

/**
 * The label that the PDS account should have, computed independently of the code under proof; null where the user code
 * is used.
 */
export function labelOf(handle: string, tag: string): string | null {
  if (!FIT.includes(handle)) return null
  return `${handle}${tag}`.replace('@', '').toLowerCase().replaceAll('.', '-').replaceAll('_', '-')
}
