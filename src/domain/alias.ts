/**
 * The address a person's account has where another account of theirs, of a sister tenant, holds the plain one:
 * `+<tenant>` before the last @, so that mail to it still reaches them.
 */
export function aliasFor(email: string, tenant: string): string {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at)}+${tenant}${email.slice(at)}`
}

/** Whether the address of an account is the person's verified one, or the alias it has beside a sister's account. */
export function isAddressOf(tenant: string, verified: string, atPds: string | null): boolean {
  const at = atPds?.toLowerCase()
  return at === verified.toLowerCase() || at === aliasFor(verified, tenant).toLowerCase()
}

/** The addresses an account's own may stand for: itself, and itself without the tenant's name. */
export function unaliased(address: string, tenant: string): string[] {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at)
  const suffix = `+${tenant}`
  return local.endsWith(suffix) ? [local.slice(0, -suffix.length) + address.slice(at), address] : [address]
}
