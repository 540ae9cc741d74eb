import { describe, expect, it } from 'vitest'
import type { PersonFacts } from '../../src/domain/atproto/gap-rules.ts'
import { currentStage } from '../../src/domain/atproto/stage.ts'

const now = new Date('2026-03-04T12:00:00.000Z')
const user = { code: 'ac26fobev', when: now, did: 'did:plc:a', handle: null }
const provider = { createdAt: now, verified: true, address: null, alias: null }
const WHOLE: PersonFacts = {
  identity: 'auth0|1',
  tenant: 'aesthetic',
  provider,
  verifications: 1,
  user,
  chosenHandle: null,
  account: null,
  remembered: null,
  rememberedAccount: null,
  deletedAt: null,
  inProgress: false,
  codeShared: false,
  mayInheritHandle: false,
}
const NO_RECORDS = { ...WHOLE, verifications: null, user: null }
const READ = { provider: true, records: true, deletion: true }
const ended = { stage: 'completed', problem: null } as const

describe('the stage where a store cannot be read', () => {
  it.each([
    ['a completed person', ended, WHOLE],
    ['a completed person whose records could not be read either', ended, NO_RECORDS],
    ['a person whom Temporal does not know', null, NO_RECORDS],
    ['a person with some records', null, { ...WHOLE, user: null }],
  ])('is unknown without the deletion facts: %s', (_, status, facts) => {
    const records = facts !== NO_RECORDS
    expect(currentStage(status, facts, { ...READ, records, deletion: false })).toBeNull()
  })

  it('is that of a signup in flight, or of one stopped by a problem, without the deletion facts', () => {
    const unread = { provider: false, records: false, deletion: false }
    expect(currentStage({ stage: 'creating-user', problem: null }, NO_RECORDS, unread)).toBe('creating-user')
  })

  it('is deleted without a tombstone where neither the provider nor a record has the person', () => {
    const facts = { ...NO_RECORDS, provider: null }
    expect(currentStage(ended, facts, { ...READ, deletion: false })).toBe('deleted')
    expect(currentStage(ended, facts, { ...READ, provider: false, deletion: false })).toBe('deleted')
  })

  it('is what the signup ended as, not recording, without the records', () => {
    expect(currentStage(ended, NO_RECORDS, { ...READ, records: false })).toBe('completed')
    expect(currentStage(null, NO_RECORDS, { ...READ, records: false })).toBeNull()
  })

  it('is not deleted because the provider cannot be read', () => {
    const facts = { ...WHOLE, provider: null }
    const without = { ...READ, provider: false }
    expect(currentStage(ended, facts, without)).toBe('completed')
    expect(currentStage(null, { ...facts, user: null }, without)).toBeNull()
    expect(currentStage(null, { ...facts, verifications: null, user: null }, without)).toBeNull()
  })

  it('leaves open without the provider whether records are of a person created after the tombstone', () => {
    const facts = { ...WHOLE, provider: null, deletedAt: now }
    const without = { ...READ, provider: false }
    expect(currentStage(ended, facts, without)).toBeNull()
    expect(currentStage(ended, { ...facts, verifications: null, user: null }, without)).toBe('deleted')
    expect(currentStage(ended, facts, READ)).toBe('deleted')
  })

  it('is by the stores where all could be read', () => {
    expect(currentStage(ended, WHOLE, READ)).toBe('completed')
    expect(currentStage(ended, NO_RECORDS, READ)).toBe('recording')
    expect(currentStage(null, { ...NO_RECORDS, provider: null }, READ)).toBeNull()
    const waits = {
      ...WHOLE,
      user: { ...user, did: null },
      provider: { ...provider, verified: false },
    }
    expect(currentStage({ stage: 'expired', problem: null }, waits, READ)).toBe('expired')
    expect(currentStage(null, waits, READ)).toBe('waiting-for-verification')
  })
})
