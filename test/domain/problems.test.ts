import { describe, expect, it } from 'vitest'
import { problemNames } from '../../src/contracts/problems.ts'
import { endsSignup, isWaitedOut, problemText } from '../../src/domain/problems.ts'
import { isOperatorText } from '../support/operator-text.ts'

const context = { system: 'atproto', identity: 'auth0|6123abc', detail: {} }
/** Something a person can type or set, or the plain word that no action is needed. */
const ACTION =
  /holdfast [a-z]+ atproto 'auth0\|6123abc'|holdfast diagnose atproto --fix-index|holdfast resume atproto|npm run worker|mongosh|\b(MONGODB|AUTH0|PDS|HOLDFAST|TEMPORAL)_[A-Z<]|^No action needed: the (?:step is retried|signup continues) when/

describe.each(problemNames('atproto'))('the problem %s', (name) => {
  isOperatorText(problemText(name, context), ACTION)
})

describe('the table of problems', () => {
  it('ends a signup only where no waiting can change the answer', () => {
    expect(problemNames().filter(endsSignup)).toEqual(['email-unsupported'])
  })

  it('tells an outage, which a run waits for, from the refusal of a record, which fails by name, and from the rest', () => {
    const waited = problemNames('atproto').filter((name) => isWaitedOut('atproto', name))
    expect(waited).toEqual(
      expect.arrayContaining([
        'mongo-unreachable',
        'mongo-throttled',
        'pds-unreachable',
        'pds-rate-limited',
        'auth0-unreachable',
        'paused',
      ]),
    )
    for (const name of ['mongo-refused', 'mongo-denied', 'index-not-equivalent', 'observing', 'unexpected'])
      expect(waited).not.toContain(name)
  })

  it('speaks of what was found', () => {
    const { sentence, fix } = problemText('index-not-equivalent', {
      ...context,
      detail: { index: 'code_old', fault: 'not-sparse' },
    })
    expect(sentence).toContain('The unique index code_old on users.code is not sparse')
    expect(fix).toBe('holdfast diagnose atproto --fix-index')
    const shared = problemText('index-not-equivalent', { ...context, detail: { fault: 'duplicates' } })
    expect(shared.sentence).toContain('some users share a code')
    const denied = problemText('mongo-denied', {
      ...context,
      detail: { action: 'insert', collection: 'users' },
    })
    expect(denied.sentence).toBe('The MongoDB user of Holdfast lacks the privilege insert on users.')
    const slow = problemText('mongo-slow', {
      ...context,
      detail: { action: 'find', collection: 'users', limit: '30 seconds', field: 'atproto.did' },
    })
    expect(slow.sentence).toBe('MongoDB did not finish the operation find on users within 30 seconds.')
    expect(slow.fix).toContain("db.users.createIndex({ 'atproto.did': 1 }, { sparse: true })")
  })

  it('gives commands a shell takes as they stand', () => {
    const { fix } = problemText('unexpected', { ...context, identity: "auth0|o'neil" })
    const command = fix.slice(fix.indexOf('holdfast retry'))
    expect(command).toBe("holdfast retry atproto 'auth0|o'\\''neil'")
  })
})
