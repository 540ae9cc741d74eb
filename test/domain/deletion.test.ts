import { describe, expect, it } from 'vitest'
import { decideDeletion, type DeletionFacts } from '../../src/domain/deletion.ts'

const now = new Date('2026-11-29T09:00:00.000Z')
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000)

const judge = (facts: Partial<DeletionFacts>) =>
  decideDeletion({
    createdAt: null,
    tombstone: null,
    deletedAt: daysAgo(1).toISOString(),
    recordsCreatedAt: null,
    force: false,
    old: false,
    now,
    ...facts,
  })

describe('E16, X2: the time of a tombstone', () => {
  it('is never in the future, whatever an event says', () => {
    expect(judge({ deletedAt: '9999-12-31T00:00:00.000Z' })).toEqual({ goOn: true, at: now })
    expect(judge({ deletedAt: '+275760-09-13T00:00:00.000Z' })).toEqual({ goOn: true, at: now })
  })

  it('is when the person was seen to be gone where an event has no date that can be true', () => {
    for (const deletedAt of [undefined, 'never', '0001-01-01T00:00:00.000Z'])
      expect(judge({ deletedAt })).toEqual({ goOn: true, at: now })
  })

  it('stays as it is in one more sweep of a deletion that is over', () => {
    const before = { at: daysAgo(10), finishedAt: daysAgo(9) }
    expect(judge({ deletedAt: undefined, tombstone: before })).toEqual({ goOn: true, at: daysAgo(10) })
    expect(judge({ tombstone: before })).toEqual({ goOn: true, at: daysAgo(1) })
  })
})

describe('E17: an event that is older than Holdfast', () => {
  const person = {
    createdAt: daysAgo(20),
    deletedAt: daysAgo(25).toISOString(),
    recordsCreatedAt: daysAgo(100),
  }

  it('never deletes for somebody whom the provider knows: what there is is in use', () => {
    expect(judge({ ...person, old: true })).toEqual({ goOn: false, outcome: 'created-anew' })
    expect(judge({ ...person, createdAt: daysAgo(30), old: true })).toEqual({
      goOn: false,
      outcome: 'still-known',
    })
    const before = { at: daysAgo(10), finishedAt: daysAgo(10) }
    expect(judge({ ...person, createdAt: daysAgo(30), tombstone: before, old: true })).toMatchObject({
      goOn: false,
    })
  })

  it('deletes for somebody whom the provider no longer knows', () => {
    expect(judge({ ...person, createdAt: null, old: true })).toMatchObject({ goOn: true })
  })

  it('as an operator who forces it does', () => {
    expect(judge({ ...person, old: true, force: true })).toMatchObject({ goOn: true })
  })
})

describe('E2: an event of today', () => {
  it('takes what the person had before, and leaves the records of somebody created anew', () => {
    const person = { createdAt: daysAgo(0), deletedAt: daysAgo(1).toISOString() }
    expect(judge({ ...person, recordsCreatedAt: daysAgo(100) })).toMatchObject({ goOn: true })
    expect(judge({ ...person, recordsCreatedAt: daysAgo(0) })).toEqual({
      goOn: false,
      outcome: 'created-anew',
    })
  })

  it('is not believed of somebody whom the provider knows', () => {
    expect(judge({ createdAt: daysAgo(30) })).toEqual({ goOn: false, outcome: 'still-known' })
    expect(judge({ createdAt: daysAgo(30), force: true })).toMatchObject({ goOn: true })
  })
})
