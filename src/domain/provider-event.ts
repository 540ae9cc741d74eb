/** What an Auth0 log code asks of us. Codes that ask for nothing are counted and let go. */
export type ProviderEventKind = 'signed-up' | 'email-verified' | 'email-changed'

const KINDS: ReadonlyMap<string, ProviderEventKind> = new Map([
  ['ss', 'signed-up'],
  ['sv', 'email-verified'],
  ['sce', 'email-changed'],
])

export function providerEventKind(code: string): ProviderEventKind | null {
  return KINDS.get(code) ?? null
}
