import { describe, expect, it } from 'vitest'
import { identitiesIn } from '../../src/payloads/identities.ts'

const payload = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value)),
})

describe('the people whom a payload names', () => {
  it('are found at any depth, in lists too, each once', () => {
    const value = [
      { identity: 'auth0|1' },
      { people: [{ identity: 'auth0|2' }, { of: { identity: 'auth0|1' } }] },
      { identity: 7, other: 'auth0|3' },
    ]
    expect(identitiesIn(payload(value)).toSorted()).toEqual(['auth0|1', 'auth0|2'])
  })

  it('are found in lists of identities too', () => {
    const value = [
      { auditId: 'a', identities: ['auth0|1', { identity: 'auth0|2' }, 7] },
      { identities: 'auth0|3' },
    ]
    expect(identitiesIn(payload(value)).toSorted()).toEqual(['auth0|1', 'auth0|2'])
  })

  it('are none in a payload that is not JSON, or missing', () => {
    expect(identitiesIn(undefined)).toEqual([])
    expect(identitiesIn({ metadata: {}, data: Buffer.from('{') })).toEqual([])
  })
})
