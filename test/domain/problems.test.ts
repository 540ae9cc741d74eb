import { describe, expect, it } from 'vitest'
import { PROBLEMS } from '../../src/contracts/problems.ts'
import { endsSignup, problemText } from '../../src/domain/problems.ts'
import { isTold } from '../support/told.ts'

const context = { system: 'atproto', identity: 'auth0|6123abc', detail: {} }
/** Something a person can type or set, or the plain word that nothing has to be done. */
const ACTION =
  /holdfast [a-z]+ atproto 'auth0\|6123abc'|holdfast resume atproto|npm run worker|mongosh|\b(MONGODB|AUTH0|PDS|HOLDFAST|TEMPORAL)_[A-Z<]|^Nothing to do: it goes on when/

describe.each(PROBLEMS)('the problem %s', (name) => {
  isTold(problemText(name, context), ACTION)
})

describe('the table of problems', () => {
  it('ends a signup only where no waiting can change the answer', () => {
    expect(PROBLEMS.filter(endsSignup)).toEqual(['email-unsupported'])
  })

  it('speaks of what was found', () => {
    const { sentence, fix } = problemText('index-not-equivalent', {
      ...context,
      detail: { index: 'code_old', lacks: 'sparse' },
    })
    expect(sentence).toContain('The index code_old on users.code is not sparse')
    expect(fix).toContain("db.users.dropIndex('code_old')")
    const shared = problemText('index-not-equivalent', { ...context, detail: { duplicates: 'present' } })
    expect(shared.sentence).toContain('some users share a code')
    expect(shared.fix).not.toContain('dropIndex')
    const denied = problemText('mongo-denied', {
      ...context,
      detail: { action: 'insert', collection: 'users' },
    })
    expect(denied.sentence).toBe('MongoDB does not let our role insert in users.')
  })

  it('gives commands a shell takes as they stand', () => {
    const { fix } = problemText('unexpected', { ...context, identity: "auth0|o'neil" })
    const command = fix.slice(fix.indexOf('holdfast retry'))
    expect(command).toBe("holdfast retry atproto 'auth0|o'\\''neil'")
  })
})
