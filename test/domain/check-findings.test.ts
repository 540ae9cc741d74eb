import { describe, expect, it } from 'vitest'
import { CHECK_FINDINGS, PROBE_STEPS } from '../../src/contracts/checks.ts'
import { checkFinding } from '../../src/domain/check-findings.ts'
import { isTold } from '../support/told.ts'

/** Something a person can type or set, or the plain word that nothing has to be done. */
const ACTION =
  /holdfast [a-z]+|npm run [a-z]+|mongosh|temporal [a-z]+|auth0 api|deploy\/|\b(MONGODB|AUTH0|PDS|HOLDFAST|TEMPORAL)_[A-Z<*]|Nothing to do/

describe.each(CHECK_FINDINGS)('the finding %s', (name) => {
  isTold(checkFinding(name), ACTION)
})

describe('the table of findings', () => {
  it('says for every step of a probe whom to look at', () => {
    const fixes = PROBE_STEPS.map((step) => checkFinding('probe-stopped', { step }).fix)
    for (const fix of fixes) expect(fix).not.toContain('Look at what that step needs')
  })

  it('gives the whole command for what was found', () => {
    expect(
      checkFinding('search-attribute-missing', {
        attribute: 'SignupCode',
        type: 'Keyword',
        namespace: 'prod',
      }).fix,
    ).toBe('temporal operator search-attribute create --namespace prod --name SignupCode --type Keyword')
    expect(checkFinding('log-stream-paused', { tenant: 'sotce', stream: 'lst_1' }).fix).toBe(
      `auth0 api patch log-streams/lst_1 --data '{"status":"active"}'`,
    )
    expect(checkFinding('log-stream-token-differs', { tenant: 'sotce' }).fix).toContain(
      'AUTH0_SOTCE_LOG_TOKEN',
    )
  })
})
