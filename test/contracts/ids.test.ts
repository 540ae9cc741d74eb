import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  deleteWorkflowId,
  parsePersonRunId,
  parseSignupWorkflowId,
  signupWorkflowId,
  syncHandleWorkflowId,
} from '../../src/contracts/ids.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'

const hash = createIdHash(Buffer.alloc(32, 7))

describe('the id of a signup', () => {
  it('is spelled as scripts rely on', () => {
    expect(signupWorkflowId('atproto', 'sotce', 'sotce-auth0|x', hash)).toBe(
      'signup/atproto/sotce/sotce-auth0|x',
    )
  })

  it('is read back into what it was made of, whatever the identity holds', () => {
    const identity = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((id) => !id.includes('@'))
    fc.assert(
      fc.property(identity, fc.constantFrom('aesthetic', 'sotce', '-'), (id, tenant) => {
        const workflowId = signupWorkflowId('atproto', tenant, id, hash)
        expect(parseSignupWorkflowId(workflowId)).toEqual({ system: 'atproto', tenant, identity: id })
      }),
    )
  })

  it('shows the hash of an identity that holds an e-mail, over its exact bytes', () => {
    const identity = 'samlp|acme|Ada@example.com'
    const workflowId = signupWorkflowId('atproto', 'aesthetic', identity, hash)
    expect(workflowId).toMatch(/^signup\/atproto\/aesthetic\/[0-9a-f]{64}$/)
    expect(workflowId).toBe(`signup/atproto/aesthetic/${hash(identity)}`)
    expect(hash(identity)).not.toBe(hash(identity.toLowerCase()))
    expect(parseSignupWorkflowId(workflowId)?.identity).toBe(hash(identity))
  })

  it('keeps the same name for ever under one key, and another under another', () => {
    expect(hash('samlp|acme|ada@example.com')).toBe(
      '17b827d288fd424d75686cd807c0a7a1d0cbdfb6217b83e51bc527aadab8e201',
    )
    expect(createIdHash(Buffer.alloc(32, 8))('x')).not.toBe(hash('x'))
  })

  it.each([
    'backfill/atproto/7c1e',
    'signup/atproto/aesthetic',
    'signup/atproto/aesthetic/',
    'signup/unheard-of/aesthetic/auth0|1',
    'a/signup/atproto/aesthetic/auth0|1',
    '',
  ])('is not what %j is', (workflowId) => {
    expect(parseSignupWorkflowId(workflowId)).toBeNull()
  })
})

describe('the id of a deletion, or of a handle that follows', () => {
  it('is read back into whom it is of', () => {
    const [tenant, identity] = ['sotce', 'sotce-auth0|x/y']
    const [deletion, sync] = [deleteWorkflowId, syncHandleWorkflowId].map((idOf) =>
      parsePersonRunId(idOf('atproto', tenant, identity, hash)),
    )
    expect(deletion).toEqual({ system: 'atproto', tenant, identity: hash(identity) })
    expect(sync).toEqual({ system: 'atproto', tenant, identity })
    expect(parsePersonRunId('watch-handles/atproto')).toBeNull()
  })
})
