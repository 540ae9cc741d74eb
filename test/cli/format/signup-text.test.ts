import { expect, it } from 'vitest'
import type { Problem, ProblemName } from '../../../src/contracts/problems.ts'
import type { SignupStatus } from '../../../src/contracts/signup.ts'
import { signupText } from '../../../src/cli/format/print.ts'

const HOUR_AGO = new Date(Date.now() - 3_600_000 - 30_000).toISOString()
const SOON = new Date(Date.now() + 60_000).toISOString()

function blockedBy(name: ProblemName, given: Partial<Problem>): string {
  const problem = {
    name,
    sentence: 'It failed.',
    fix: 'Fix it.',
    since: HOUR_AGO,
    attempts: 0,
    nextTryAt: null,
  }
  const status: SignupStatus = {
    system: 'atproto',
    tenant: 'aesthetic',
    identity: 'auth0|1',
    workflowId: 'signup/atproto/aesthetic/auth0|1',
    stage: 'creating-account',
    stageSince: HOUR_AGO,
    problem: { ...problem, ...given },
    code: null,
    handle: null,
    did: null,
    notices: [],
  }
  return signupText(status)
}

it('the text of a blocked signup says how often it was tried and when it is retried', () => {
  expect(blockedBy('pds-unreachable', { attempts: 2, nextTryAt: SOON })).toMatch(
    /^Since 1h ago, 2 rounds of attempts, next retry in .+\.$/m,
  )
})

it('it says of a problem that ends the signup that it is not retried', () => {
  expect(blockedBy('email-unsupported', { attempts: 1 })).toMatch(
    /^Since 1h ago, 1 round of attempts, not retried automatically\.$/m,
  )
})

it('it says nothing of attempts and retries that are not known, since no worker answered', () => {
  expect(blockedBy('pds-unreachable', {})).toMatch(/^Since 1h ago\.$/m)
})
