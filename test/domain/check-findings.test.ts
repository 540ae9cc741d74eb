import { describe, expect, it } from 'vitest'
import { checkFindingNames, PROBE_STEPS } from '../../src/contracts/checks.ts'
import { checkFinding } from '../../src/domain/check-findings.ts'
import { isOperatorText } from '../support/operator-text.ts'

/** Something a person can type or set, or the plain word that no action is needed. */
const ACTION =
  /holdfast [a-z]+|npm run [a-z]+|mongosh|temporal [a-z]+|auth0 api|deploy\/|\b(MONGODB|AUTH0|PDS|HOLDFAST|TEMPORAL)_[A-Z<*]|No action needed/

describe.each(checkFindingNames('atproto'))('the finding %s', (name) => {
  isOperatorText(checkFinding('atproto', name), ACTION)
})

describe('the table of findings', () => {
  it('says for every step of a probe whom to look at', () => {
    const fixes = PROBE_STEPS.map((step) => checkFinding('atproto', 'probe-stopped', { step }).fix)
    for (const fix of fixes) expect(fix).not.toContain('Check what that step needs')
  })

  it('gives the whole command for what was found', () => {
    expect(
      checkFinding('atproto', 'search-attribute-missing', {
        attribute: 'SignupCode',
        type: 'Keyword',
        namespace: 'prod',
      }).fix,
    ).toBe('temporal operator search-attribute create --namespace prod --name SignupCode --type Keyword')
    expect(checkFinding('atproto', 'log-stream-paused', { tenant: 'sotce', stream: 'lst_1' }).fix).toBe(
      `auth0 api patch log-streams/lst_1 --data '{"status":"active"}'`,
    )
    expect(checkFinding('atproto', 'log-stream-token-differs', { tenant: 'sotce' }).fix).toContain(
      'AUTH0_SOTCE_LOG_TOKEN',
    )
  })
})
