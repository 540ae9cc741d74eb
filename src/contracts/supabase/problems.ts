import { retryOne, said } from '../shared/phrases.ts'
import type { ProblemWord } from '../words.ts'

/** Problems with a user's profile, beside those of Postgres. */
export const SUPABASE_PROBLEMS = {
  'profile-refused': {
    sentence: ({ detail }) =>
      `Postgres refused the profile${said(', column ', detail['column'])} (${detail['code'] ?? 'no code'}${said(', ', detail['constraint'])}).`,
    fix: (context) =>
      `Correct the value that this user has, the constraint of the table, or SUPABASE_PROFILE_COLUMNS, then: ${retryOne(context)}`,
  },
  'profile-column-required': {
    sentence: ({ detail }) =>
      `The profile needs a value in the column ${detail['column'] ?? 'in question'}, and this user has none for it.`,
    fix: (context) =>
      `Give the column ${context.detail['column'] ?? 'in question'} a default, in the table or in SUPABASE_PROFILE_COLUMNS, then: ${retryOne(context)}`,
  },
  'profile-column-unknown': {
    sentence: ({ detail }) =>
      `The table ${detail['table'] ?? 'of the profiles'} has no column ${detail['column'] ?? 'of that name'}.`,
    fix: (context) =>
      `Correct SUPABASE_PROFILES_TABLE or SUPABASE_PROFILE_COLUMNS, restart the workers, then: ${retryOne(context)}`,
    triedBy: { checks: /^profiles$/, settings: /^SUPABASE_PROFILE/ },
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
