/** The scopes that Holdfast needs on the Management API, each with its purpose. */
export const NEEDED_SCOPES: ReadonlyMap<string, string> = new Map([
  ['read:users', 'read and list users'],
  ['read:logs', 'read the log after missed deliveries'],
  ['read:log_streams', 'check the log stream'],
  ['update:users', 'resend a verification mail'],
])

/** The scopes that `check --probe` needs in addition: it creates one identity, verifies it, and deletes it. */
export const PROBE_SCOPES: ReadonlyMap<string, string> = new Map([
  ['create:users', 'create the test identity'],
  ['create:user_tickets', 'verify its e-mail'],
  ['delete:users', 'delete it'],
])

export interface ScopeAssessment {
  readonly missing: readonly { readonly scope: string; readonly purpose: string }[]
  readonly superfluous: readonly string[]
}

/** Compares the scopes of a token with those a run needs. Those of a probe are never called superfluous. */
export function assessScopes(granted: readonly string[], { probe }: { probe: boolean }): ScopeAssessment {
  const needed = [...NEEDED_SCOPES, ...(probe ? PROBE_SCOPES : [])]
  return {
    missing: needed
      .filter(([scope]) => !granted.includes(scope))
      .map(([scope, purpose]) => ({ scope, purpose })),
    superfluous: granted.filter((scope) => !NEEDED_SCOPES.has(scope) && !PROBE_SCOPES.has(scope)),
  }
}
