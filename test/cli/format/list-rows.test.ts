import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { identityCell, signupTable } from '../../../src/cli/format/print.ts'
import { VOCABULARIES, vocabularyOf } from '../../../src/contracts/vocabulary.ts'
import type { SignupStatus } from '../../../src/contracts/signup.ts'

const status = (change: Partial<SignupStatus>): SignupStatus => ({
  system: 'atproto',
  tenant: 'aesthetic',
  identity: 'auth0|1',
  workflowId: 'signup/atproto/aesthetic/auth0|1',
  stage: 'creating-account',
  stageSince: new Date().toISOString(),
  problem: null,
  code: null,
  handle: null,
  did: null,
  notices: [],
  ...change,
})
const row = (change: Partial<SignupStatus>): string =>
  stripVTControlCharacters(signupTable('atproto', [status(change)])).split('\n')[1] ?? ''

describe('a row of the list says what its signup waits for', () => {
  const until = new Date(Date.now() + 20 * 60_000 + 5_000).toISOString()

  it('a turn, and when it comes', () => {
    const waitingFor = { name: 'pds-rate-limited' as const, until, notice: 'The limit is used up.' }
    expect(row({ waitingFor, notices: [waitingFor.notice] })).toMatch(/pds-rate-limited, continues in 20m/)
  })

  it('its person', () => {
    expect(row({ stage: 'waiting-for-verification' })).toMatch(/the verified e-mail$/)
  })

  it('a problem, and since when', () => {
    const problem = {
      sentence: '',
      fix: '',
      attempts: 1,
      nextTryAt: null,
      since: new Date(Date.now() - 5_000).toISOString(),
    }
    expect(row({ problem: { name: 'pds-unreachable', ...problem } })).toMatch(/pds-unreachable, \d+s ago$/)
  })

  it('nothing, while it moves', () => {
    expect(row({})).toMatch(/-$/)
  })
})

it('has the columns that the system has facts for, and no others', () => {
  const heads = (): string =>
    stripVTControlCharacters(signupTable('supabase', [status({})])).split('\n')[0] ?? ''
  VOCABULARIES.supabase = { ...vocabularyOf('atproto'), columns: { code: 'CARD' } }
  expect(heads()).toMatch(/^PERSON +STAGE +SINCE +CARD +WAITING FOR$/)
  VOCABULARIES.supabase = { ...vocabularyOf('atproto'), columns: {} }
  expect(heads()).toMatch(/^PERSON +STAGE +SINCE +WAITING FOR$/)
  delete VOCABULARIES.supabase
})

describe('an identity of 255 characters', () => {
  const identity = `samlp|acme|${'x'.repeat(235)}|the-end`

  it('fits a terminal, its beginning and its end kept', () => {
    const shown = identityCell(identity, true)
    expect(shown.length).toBeLessThanOrEqual(48)
    expect(shown).toMatch(/^samlp\|acme\|x+…x+\|the-end$/)
  })

  it('is whole for other programs', () => {
    expect(identityCell(identity, false)).toBe(identity)
  })
})
