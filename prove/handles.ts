/**
 * Handles people choose. Those that a PDS can take get the round's tag behind them, since accounts of earlier rounds
 * stay; several become one label. The others give way to the user code.
 */
const FIT = ['ada', 'Ada', 'grace', 'a.b', 'a_b', 'a-b', '@mary']
const UNFIT = ['43', 'admin', '-edge-', 'no space', 'way.too.long.for.any.pds', 'ümlaut']
export const HANDLES = [...FIT, ...UNFIT]

export function taggedHandle(handle: string, tag: string): string {
  return FIT.includes(handle) ? `${handle}${tag}` : handle
}

/** The label the PDS account should have, told independently of the code under proof; null where the user code serves. */
export function labelOf(handle: string, tag: string): string | null {
  if (!FIT.includes(handle)) return null
  return `${handle}${tag}`.replace('@', '').toLowerCase().replaceAll('.', '-').replaceAll('_', '-')
}
