/**
 * Whether the address of an account is the person's verified one. Where a sister tenant's account holds the plain
 * address, this tenant's account has it with the tenant's name after a plus (`a+sotce@example.com`).
 */
export function isAddressOf(tenant: string, verified: string, atPds: string | null): boolean {
  const at = atPds?.toLowerCase()
  const plain = verified.toLowerCase()
  return at === plain || at === plain.replace(/@(?=[^@]*$)/, `+${tenant}@`)
}
