import { ConfigError, shellEnv, type Env } from '../../../src/config.ts'
import type { People } from '../../../src/config/people.ts'

/** `LIBRARY_DB_URL`. Throws a `ConfigError` where it is missing. */
export function libraryUrl(env: Env = shellEnv()): string {
  const url = env['LIBRARY_DB_URL']
  if (!url) throw new ConfigError(['LIBRARY_DB_URL is missing'])
  return url
}

const MEMBER = /^m-[0-9a-f]{8}$/

/** Members, by the number that the front desk gives them. */
export const libraryPeople: People = {
  example: {
    identity: 'm-0123abcd',
    tenant: null,
    words: ['C0123456789'],
    wordsAre: 'a card number',
    problem: 'library-unreachable',
  },
  isIdentity: (words) => MEMBER.test(words),
  tenants: () => ['-'],
  locate: (identity) => (MEMBER.test(identity) ? { tenant: '-', userId: identity } : null),
}
