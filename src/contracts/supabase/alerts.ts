import { countedPeople } from '../text/counted.ts'
import type { AlertWord, TextDetail } from '../words.ts'

function findAndRepair(system: string): string {
  return `To see them: holdfast audit ${system} --since 24h. To create the profiles: holdfast backfill ${system} --fix. To find the cause: holdfast check ${system}`
}

function lossOf({ kind, trigger, calls }: TextDetail): string {
  if (trigger === undefined)
    return 'No trigger on auth.users creates profiles, and no inspection has seen one'
  const named = `The trigger ${trigger} on auth.users, which calls ${calls ?? 'a function'},`
  return kind === 'disabled' ? `${named} is disabled` : `${named} is missing`
}

/** Between which inspections, and by which migration, as far as it is known. */
function lossPlace({ from, to, migration }: TextDetail): string {
  const between = from === undefined || to === undefined ? '' : `, since between ${from} and ${to}`
  return migration === undefined ? between : `${between}, by the migration ${migration}`
}

/** Alerts of `supabase`, and what a shared one says of its webhook. */
export const SUPABASE_ALERTS = {
  'trigger-missing': {
    text: ({ count, detail = {} }, system) => ({
      sentence: `${lossOf(detail)}${lossPlace(detail)}. ${count === 0 ? 'No user of the last day lacks a profile yet.' : `${countedPeople(count)} who signed up within a day have no profile; ${detail['percent'] ?? 'fewer than 100'} % of the day's users have one.`}`,
      fix: `To restore it, run the statement that this prints: holdfast check ${system}. To create the profiles: holdfast backfill ${system} --fix. Where no trigger should create them, set SUPABASE_PROFILES_BY.`,
    }),
    raisedBy: 'inspection',
    severity: 'critical',
  },
  'profiles-missing': {
    text: ({ count, detail = {} }, system) => ({
      sentence: `${countedPeople(count)} who signed up within a day have no profile, the last of them within an hour; ${detail['percent'] ?? 'fewer than 100'} % of the day's users have one.`,
      fix: findAndRepair(system),
    }),
    severity: 'critical',
    consequences: ['signup-health'],
    raisedBy: 'inspection',
  },
  'signup-health': {
    text: ({ count, detail = {} }, system) => ({
      sentence: `${countedPeople(count)} who signed up within a day have no profile, none of them within an hour; ${detail['percent'] ?? 'fewer than 100'} % of the day's users have one.`,
      fix: findAndRepair(system),
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'tokens-refused': {
    text: ({ about, detail, since }, system) =>
      about === 'hook'
        ? {
            sentence: `Calls of an auth hook had no valid signature (${detail?.['refused'] ?? 'some'} since ${since}). They were answered, so no signup failed, and started nothing.`,
            fix: `Set SUPABASE_HOOK_SECRET to the secret that Supabase shows for the hook (v1,whsec_…): holdfast check ${system}. If Supabase does not send them, block the sender at your proxy.`,
          }
        : {
            sentence: `The database webhook has refused ${detail?.['refused'] ?? 'many'} requests because of a wrong token since ${since}.`,
            fix: `Give the webhook in Supabase the header "authorization" with the value of SUPABASE_WEBHOOK_TOKEN: holdfast check ${system}. If Supabase does not send them, block the sender at your proxy.`,
          },
    severity: 'high',
    raisedBy: 'other',
  },
} as const satisfies Readonly<Record<string, AlertWord>>
