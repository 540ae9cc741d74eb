import { expect, it } from 'vitest'
import { accountDue, chooses, countsOf, type Person } from '../../prove/people.ts'

const person = (life: Partial<Person>): Person => ({
  index: 0,
  tenant: 'aesthetic',
  auth0: {} as Person['auth0'],
  userId: 'auth0|1',
  identity: 'auth0|1',
  workflowId: 'signup/atproto/aesthetic/auth0|1',
  addresses: ['a@example.com'],
  verified: [],
  settled: [],
  label: null,
  ...life,
})

it('somebody who never verified has no account and no count', () => {
  expect(countsOf(person({}))).toEqual({ least: 0, most: 0 })
  expect(accountDue(person({}))).toBe('no')
})

it('a verified address is counted', () => {
  const verified = person({ verified: ['a@example.com'] })
  expect(countsOf(verified)).toEqual({ least: 1, most: 1 })
  expect(accountDue(verified)).toBe('yes')
})

it('an address that was left before anybody looked may have been counted or not', () => {
  const moved = person({ addresses: ['a@example.com', 'b@example.com'], verified: ['a@example.com'] })
  expect(countsOf(moved)).toEqual({ least: 0, most: 1 })
  expect(accountDue(moved)).toBe('maybe')
})

it('an address that had its time was counted', () => {
  const moved = person({
    addresses: ['a@example.com', 'b@example.com'],
    verified: ['a@example.com', 'b@example.com'],
    settled: ['a@example.com'],
  })
  expect(countsOf(moved)).toEqual({ least: 2, most: 2 })
})

it('a handle counts as chosen in time until the first verification', () => {
  const early = person({})
  expect(chooses(early, 'a.b', '001')).toBe(true)
  expect(early.label).toBe('a-b001')
  expect(chooses(person({ verified: ['a@example.com'] }), 'ada', '001')).toBe(false)
})
