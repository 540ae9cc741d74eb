/**
 * The address a person's account has where another account of theirs, of a sister tenant, holds the plain one:
 * `+<tenant>` before the last @, so that mail to it still reaches them.
 */
export function aliasFor(email: string, tenant: string): string {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at)}+${tenant}${email.slice(at)}`
}
