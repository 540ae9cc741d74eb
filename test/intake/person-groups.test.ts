import { describe, expect, it } from 'vitest'
import { groupByPerson } from '../../src/intake/person-groups.ts'
import type { PersonEvent } from '../../src/intake/read-news.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
const event = (kind: PersonEvent['kind'], date: string | null, identity = 'sotce-auth0|a'): PersonEvent => ({
  is: 'event',
  kind,
  identity,
  date,
  eventId: null,
})
const newsOf = (...events: PersonEvent[]) => groupByPerson(events).map(({ news }) => news)

describe('E2: the events of one person that come together, in whatever order', () => {
  const [signedUp, changed, verified] = [
    event('signed-up', at(1)),
    event('email-changed', at(2)),
    event('email-verified', at(3)),
  ]

  it.each([
    [[signedUp, changed, verified]],
    [[verified, changed, signedUp]],
    [[changed, verified, signedUp, verified]],
  ])('are one call (%#)', (events) => {
    expect(newsOf(...events)).toEqual([
      { identity: 'sotce-auth0|a', signedUpAt: at(1), hint: 'emailChanged', changedAt: at(2) },
    ])
  })

  it('a deletion takes what was before it with it', () => {
    expect(newsOf(event('deleted', at(4)), signedUp, verified)).toEqual([
      { identity: 'sotce-auth0|a', deletedAt: at(4) },
    ])
  })

  it('who comes back after the deletion is deleted first, and then told', () => {
    expect(newsOf(event('signed-up', at(9)), event('deleted', at(4)), verified)).toEqual([
      { identity: 'sotce-auth0|a', deletedAt: at(4), signedUpAt: at(9), recreated: true },
    ])
  })

  it('a deletion without a date is looked into alone: nothing says what came after it', () => {
    expect(newsOf(event('deleted', null), signedUp)).toEqual([{ identity: 'sotce-auth0|a', deletedAt: null }])
  })
})

it('a login is news only of somebody unknown, and never beside other events', () => {
  const all = groupByPerson([
    event('seen', at(1), 'auth0|a'),
    event('seen', at(1), 'auth0|b'),
    event('signed-up', at(1), 'auth0|b'),
    event('seen', at(1), 'auth0|c'),
    event('deleted', at(2), 'auth0|c'),
  ])
  expect(all.map(({ news, onlySeen }) => [news.identity, onlySeen])).toEqual([
    ['auth0|a', true],
    ['auth0|b', false],
    ['auth0|c', false],
  ])
})
