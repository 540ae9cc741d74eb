import type { People } from '../people.ts'

const USER_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Users, by their id in `auth.users`. */
export const supabasePeople: People = {
  example: {
    identity: '3f0c9b1e-5a64-4c1f-9d0e-2b7a6c1d8e90',
    tenant: null,
    words: ['ada@example.com'],
    wordsAre: 'an e-mail address',
    problem: 'postgres-unreachable',
  },
  isIdentity: (words) => USER_ID.test(words),
  tenants: () => ['-'],
  locate: (identity) => (USER_ID.test(identity) ? { tenant: '-', userId: identity } : null),
}
