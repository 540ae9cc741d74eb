import { withoutAddresses } from '../../contracts/addresses.ts'

/** The same document with every address in its texts removed, whichever store it came from. */
export function withoutAddressesIn(value: unknown): unknown {
  if (typeof value === 'string') return withoutAddresses(value)
  if (Array.isArray(value)) return value.map(withoutAddressesIn)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutAddressesIn(one)]))
}
