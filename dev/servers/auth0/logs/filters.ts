/** The logs that each stream filter lets through, by Auth0's names for its categories. */
const categories: Record<string, readonly string[]> = {
  'auth.login.success': ['s', 'scoa', 'sens'],
  'auth.login.fail': ['f', 'fc', 'fco', 'fcoa', 'fens', 'fp', 'fu'],
  'auth.login.notification': ['w'],
  'auth.logout.success': ['slo'],
  'auth.logout.fail': ['flo'],
  'auth.signup.success': ['ss'],
  'auth.signup.fail': ['fs'],
  'auth.silent_auth.success': ['ssa'],
  'auth.silent_auth.fail': ['fsa'],
  'auth.token_exchange.success': ['seccft'],
  'auth.token_exchange.fail': ['feccft'],
  'management.success': ['sapi', 'mgmt_api_read'],
  'management.fail': ['fapi'],
  'scim.event': [],
  'system.notification': ['api_limit', 'depnote'],
  'user.success': ['sv', 'svr', 'sce', 'scu', 'scp', 'sdu', 'sui'],
  'user.fail': ['fv', 'fvr', 'fce', 'fcu', 'fcp', 'fdu', 'fui'],
  'user.notification': [],
  actions: [],
  other: [],
}

export const isCategory = (name: string): boolean => Object.hasOwn(categories, name)

/** Without filters every log passes. */
export const passes = (filters: readonly { name: string }[], type: string): boolean =>
  filters.length === 0 || filters.some(({ name }) => categories[name]?.includes(type) ?? false)
