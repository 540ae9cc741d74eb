import { SHARED_PROBLEMS } from '../shared/problems.ts'
import { byItself, retryOne } from '../shared/phrases.ts'
import type { ProblemWord } from '../words.ts'

/** Problems of every system, with the fixes that this system's servers have for them. */
export const STEP_PROBLEMS = {
  'rate-limit-lasting': {
    ...SHARED_PROBLEMS['rate-limit-lasting'],
    fix: (context) =>
      `Find what else uses up the limit (at Auth0: in the tenant's logs), or raise it (at the PDS: PDS_RATE_LIMITS_ENABLED). ` +
      `Holdfast retries every hour; to retry now: ${retryOne(context)}`,
  },
  'step-slow': {
    ...SHARED_PROBLEMS['step-slow'],
    fix: (context) =>
      'The server that this step calls is too slow, or the worker dies during the step. Check the load of MongoDB (of the PDS, if ' +
      `the step is ensurePdsAccount), then the worker's log. ${byItself}; to retry now: ${retryOne(context)}`,
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
