/** What Holdfast calls on the Management API, and the scope each call needs. */
export const NEEDED_SCOPES: ReadonlyMap<string, string> = new Map([
  ['read:users', 'look at people and list them'],
  ['read:logs', 'read the log where deliveries were missed'],
  ['read:log_streams', 'check the log stream'],
  ['update:users', 'send a verification mail again'],
])

/** What `check --probe` needs besides: it makes one identity, verifies it, and deletes it. */
export const PROBE_SCOPES: ReadonlyMap<string, string> = new Map([
  ['create:users', 'make the test identity'],
  ['create:user_tickets', 'verify its e-mail'],
  ['delete:users', 'delete it'],
])

export interface ScopesJudged {
  readonly missing: readonly { readonly scope: string; readonly purpose: string }[]
  readonly superfluous: readonly string[]
}

/** Compares the scopes of a token with those a run needs. Those of a probe are never called superfluous. */
export function judgeScopes(granted: readonly string[], { probe }: { probe: boolean }): ScopesJudged {
  const needed = [...NEEDED_SCOPES, ...(probe ? PROBE_SCOPES : [])]
  return {
    missing: needed
      .filter(([scope]) => !granted.includes(scope))
      .map(([scope, purpose]) => ({ scope, purpose })),
    superfluous: granted.filter((scope) => !NEEDED_SCOPES.has(scope) && !PROBE_SCOPES.has(scope)),
  }
}
