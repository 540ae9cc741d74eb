import { expect, it } from 'vitest'
import { accountsLeftToNobody } from '../../prove/check-deleted.ts'

const at = new Date()

it('T7: an account that a deletion left belongs to a person who lives, or who was deleted later', () => {
  const left = (holder: string) => ({ _id: 'deleted', finishedAt: at, leftTo: [holder] })
  const later = { _id: 'later', finishedAt: at }
  const meanwhile = { _id: 'meanwhile', finishedAt: null }
  const complaints = (holder: string) =>
    accountsLeftToNobody([left(holder), later, meanwhile], new Set(['living']))
  expect(complaints('living')).toEqual([])
  expect(complaints('later')).toEqual([])
  for (const holder of ['nobody', 'meanwhile'])
    expect(complaints(holder)).toEqual([`the deletion of deleted left an account to ${holder}, who has none`])
})
