const least = 8

/** What Auth0 says about a password that is too short; undefined when it will do. */
export function weakness(password: string): object | undefined {
  if (password.length >= least) return undefined
  const rule = {
    message: 'At least %d characters in length',
    format: [least],
    code: 'lengthAtLeast',
    verified: false,
  }
  return { rules: [rule], verified: false }
}
