import { shellQuoted } from '../text/shell.ts'
import type { GapContext, GapWord } from '../words.ts'

const backfill = ({ identity }: GapContext, system: string): string =>
  `holdfast backfill ${system} --id ${shellQuoted(identity)} --fix`

/** The gaps of users of Supabase Auth and of profiles. The names stand in scripts and alerts. */
export const SUPABASE_GAPS = {
  'profile-missing': {
    sentence: ({ evidence }) =>
      `The user${evidence['user'] === undefined ? '' : ` (${evidence['user']})`} has no profile.`,
    fix: backfill,
    repair: 'database',
    missedEvent: true,
  },
  'profile-unowned': {
    sentence: ({ evidence }) =>
      evidence['user'] === 'soft-deleted'
        ? 'The profile belongs to a user who was soft-deleted in Supabase Auth.'
        : 'The profile belongs to no user in auth.users.',
    fix: ({ identity }, system) =>
      `Find out whether the user was deleted on purpose: holdfast why ${system} ${shellQuoted(identity)}. If so, delete the profile in the application, or give the table a foreign key to auth.users with on delete cascade. Holdfast deletes no profile.`,
    repair: null,
  },
  'email-differs': {
    sentence: ({ evidence }) =>
      evidence['profile'] === 'absent'
        ? 'The profile has no e-mail address, but the user has one.'
        : 'The e-mail address of the profile is not the one of the user. The one in auth.users is authoritative.',
    fix: ({ identity }, system) =>
      `Holdfast never overwrites a profile. To see both: holdfast why ${system} ${shellQuoted(identity)}. Correct the profile, or let the application keep both equal.`,
    repair: null,
  },
  'audit-only': {
    sentence: () =>
      'The audit log of Supabase Auth has a signup of this user, but no such user and no deletion of one.',
    fix: () =>
      'No action needed: there is no user to repair. Either the signup was undone, or the entry of its deletion was pruned.',
    repair: null,
    alert: false,
    fails: false,
  },
} as const satisfies Readonly<Record<string, GapWord>>
