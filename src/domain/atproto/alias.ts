/**
 * The address of a person's account where the account of their linked identity in another tenant has the plain one:
 * `+<tenant>` before the last @, so that mail to it still reaches them.
 */
export function aliasFor(email: string, tenant: string): string {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at)}+${tenant}${email.slice(at)}`
}

/**
 * Whether the address of an account is the person's verified one, or its alias, used beside a linked identity's
 * account.
 */
export function isAddressOf(tenant: string, verified: string, atPds: string | null): boolean {
  const at = atPds?.toLowerCase()
  return at === verified.toLowerCase() || at === aliasFor(verified, tenant).toLowerCase()
}

/** The addresses that an account's own may represent: itself, and itself without the tenant's name. */
export function addressesBehind(address: string, tenant: string): string[] {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  const suffix = `+${tenant}`
  return local.endsWith(suffix) ? [local.slice(0, -suffix.length) + address.slice(at), address] : [address]
}
