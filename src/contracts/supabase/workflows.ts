import type { SystemWorkflows } from '../workflows.ts'

/** One workflow a person, which only a user without a profile needs; everything runs on one queue. */
export const SUPABASE_WORKFLOWS = {
  signup: 'profileSignup',
  others: [],
  activityQueues: {},
  localActivities: [],
  canaries: [],
  hasTenants: false,
  sources: ['users'],
  otherIdsOf: () => [],
} as const satisfies SystemWorkflows
