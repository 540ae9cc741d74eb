import { POSTGRES_CHECKS, POSTGRES_PROBLEMS_OF_CHECKS } from '../postgres/checks.ts'
import { POSTGRES_PROBLEMS } from '../postgres/problems.ts'
import type { Vocabulary } from '../words.ts'
import { SUPABASE_ALERTS } from './alerts.ts'
import { SUPABASE_CHECKS } from './checks.ts'
import { SUPABASE_GAPS } from './gaps.ts'
import { SUPABASE_PROBLEMS } from './problems.ts'
import { SUPABASE_WORKFLOWS } from './workflows.ts'

/** The words of `supabase`: its people are the users in `auth.users`, and each must own a profile. */
export const SUPABASE_VOCABULARY = {
  workflows: SUPABASE_WORKFLOWS,
  steps: {
    recording: {
      doing: 'Reading the user in Supabase Auth',
      done: 'the user was found',
      outcomes: { 'not-due': (often) => `the user is anonymous and owes no profile yet${often}` },
    },
    'creating-profile': {
      doing: 'Creating the profile',
      done: 'the profile was created',
      outcomes: { present: (often) => `the profile was already there${often}` },
    },
  },
  problems: { ...POSTGRES_PROBLEMS, ...SUPABASE_PROBLEMS },
  gaps: SUPABASE_GAPS,
  checks: { ...POSTGRES_CHECKS, ...SUPABASE_CHECKS },
  problemsOfChecks: [...POSTGRES_PROBLEMS_OF_CHECKS, 'profile-column-unknown'],
  alerts: SUPABASE_ALERTS,
  dependencies: { postgres: ['postgres-unreachable', 'postgres-denied'] },
  audit: {
    counts: [
      'users',
      'profiles',
      'notDue',
      'usersWithoutProfile',
      'profilesWithoutUser',
      'emailMismatches',
      'auditSignups',
      'healthy',
      'authOnly',
      'auditOnly',
      'auditDeleted',
    ],
    records: ['users', 'profiles'],
    graceVariable: 'SUPABASE_GRACE_MINUTES',
    columns: {
      signedUpAt: { head: 'SIGNED UP', type: 'time' },
      user: { head: 'USER', type: 'text' },
      profile: { head: 'PROFILE', type: 'yes' },
    },
  },
} as const satisfies Vocabulary
