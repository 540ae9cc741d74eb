import { expect, it } from 'vitest'
import {
  accountAddresses,
  accountDue,
  recordChosenHandle,
  countsOf,
  labelsOf,
  type Person,
} from '../../prove/people.ts'

const person = (life: Partial<Person>): Person => ({
  index: 0,
  tenant: 'aesthetic',
  auth0: {} as Person['auth0'],
  userId: 'auth0|1',
  identity: 'auth0|1',
  workflowId: 'signup/atproto/aesthetic/auth0|1',
  workflowIds: [],
  addresses: ['a@example.com'],
  verified: [],
  surelyCounted: [],
  labels: [],
  deleted: false,
  mustKeep: {},
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
    surelyCounted: ['a@example.com'],
  })
  expect(countsOf(moved)).toEqual({ least: 2, most: 2 })
})

it('a handle is the one chosen last; the code serves for one that no PDS takes, or that somebody else may have', () => {
  const ada = person({})
  recordChosenHandle(ada, 'grace', '001')
  recordChosenHandle(ada, 'a.b', '001')
  expect(labelsOf(ada, [ada], 'ac26fobev')).toEqual(['a-b001'])
  const rival = person({ index: 1, identity: 'auth0|2', addresses: ['c@example.com'] })
  recordChosenHandle(rival, 'a_b', '001')
  expect(labelsOf(ada, [ada, rival], 'ac26fobev')).toEqual(['a-b001', 'ac26fobev'])
  recordChosenHandle(ada, '43', '001')
  expect(labelsOf(ada, [ada, rival], 'ac26fobev')).toEqual(['ac26fobev'])
})

it('an account is under the verified address; under its alias only where the other tenant has the plain one', () => {
  const one = person({ verified: ['a@example.com'] })
  expect(accountAddresses(one, [one])).toEqual(['a@example.com'])
  const other = person({ tenant: 'sotce', identity: 'sotce-auth0|1', verified: ['a@example.com'] })
  expect(accountAddresses(other, [one, other])).toEqual(['a@example.com', 'a+sotce@example.com'])
})
