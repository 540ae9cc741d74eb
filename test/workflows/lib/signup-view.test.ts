import { expect, it, vi } from 'vitest'
import type { SignupCarry } from '../../../src/contracts/signup.ts'
import { openSignupView } from '../../../src/workflows/lib/signup-view.ts'

const START = new Date('2026-01-01T00:00:00.000Z')
vi.mock('@temporalio/workflow', () => ({
  workflowInfo: () => ({
    workflowId: 'atproto/aesthetic/auth0|ada',
    startTime: START,
    typedSearchAttributes: { getAll: () => [], get: () => undefined },
  }),
  upsertSearchAttributes: () => {},
  setCurrentDetails: () => {},
}))

it('L2: a run shows no problem of a step that the run before it left for the wait', () => {
  const since = START.toISOString()
  const problem = {
    name: 'auth0-unreachable' as const,
    sentence: 'Auth0 does not answer.',
    fix: 'Wait.',
    since,
    attempts: 2,
    nextTryAt: null,
  }
  const carried: SignupCarry = {
    stage: 'creating-account',
    stageSince: since,
    problem,
    blockedStep: 'creating-account',
    code: 'ac26babab',
    checkNeeded: true,
    accountAttempted: false,
    waitUntil: '2026-03-01T00:00:00.000Z',
    changedAt: null,
  }
  const view = openSignupView('atproto', { tenant: 'aesthetic', identity: 'auth0|ada', carried })
  view.show('creating-account')
  expect(view.status().problem).toEqual(problem)
  view.showIdle('waiting-for-verification')
  expect(view.status()).toMatchObject({ stage: 'waiting-for-verification', problem: null })
})

it('a run keeps the notices of its system until the system gives others', () => {
  const view = openSignupView('atproto', { tenant: 'aesthetic', identity: 'auth0|ada' })
  view.setFacts({ notices: ['The shelf is full.'] })
  view.show('creating-account')
  view.setFacts({ code: 'ac26babab' })
  view.showIdle('waiting-for-verification')
  expect(view.status()).toMatchObject({ code: 'ac26babab', notices: ['The shelf is full.'] })
  view.setFacts({ notices: [] })
  view.show('creating-account')
  expect(view.status().notices).toEqual([])
})
