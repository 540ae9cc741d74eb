import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  catchUpScheduleId,
  catchUpWorkflowId,
  tenantOfCatchUpSchedule,
  deleteWorkflowId,
  parsePersonWorkflowId,
  parseSignupWorkflowId,
  signupWorkflowId,
  syncHandleWorkflowId,
} from '../../src/contracts/ids.ts'
import { containsAddress } from '../../src/contracts/personal.ts'
import { NO_TENANT } from '../../src/contracts/systems.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'

/** Short enough for an id, not an e-mail address, and made of every possible character. */
const anyIdentity = fc
  .oneof(
    fc.string({ minLength: 1, unit: 'binary-ascii' }),
    fc.string({ minLength: 1, unit: 'grapheme', maxLength: 9 }),
  )
  .filter((id) => !containsAddress(id))

const hash = createIdHash(Buffer.alloc(32, 7))

describe('the id of a signup', () => {
  it('is spelled as scripts rely on', () => {
    expect(signupWorkflowId('atproto', 'sotce', 'sotce-auth0|x', hash)).toBe(
      'signup/atproto/sotce/sotce-auth0|x',
    )
  })

  it('is read back where the identity contains a line separator', () => {
    const id = 'ad|a\u2028b'
    expect(parseSignupWorkflowId(signupWorkflowId('atproto', '-', id, hash))?.identity).toBe(id)
  })

  it('is read back into its parts, whatever the identity contains', () => {
    fc.assert(
      fc.property(anyIdentity, fc.constantFrom('aesthetic', 'sotce', '-'), (id, tenant) => {
        const workflowId = signupWorkflowId('atproto', tenant, id, hash)
        expect(parseSignupWorkflowId(workflowId)).toEqual({ system: 'atproto', tenant, identity: id })
      }),
    )
  })

  it('E15: holds nothing that a visibility store cannot find again, and stays readable', () => {
    fc.assert(
      fc.property(anyIdentity, (id) => {
        for (const idOf of [signupWorkflowId, syncHandleWorkflowId])
          expect(idOf('atproto', 'aesthetic', id, hash)).not.toMatch(/[\\'"?\p{Cc}]/u)
      }),
    )
    expect(signupWorkflowId('atproto', 'aesthetic', 'ad|CORP\\zoë o"x 5%?', hash)).toBe(
      'signup/atproto/aesthetic/ad|CORP%5Czoë o%22x 5%25%3F',
    )
  })

  it('E15: shows the hash of an identity over 200 bytes, so that Postgres can hold the id', () => {
    const fits = `samlp|${'é'.repeat(97)}`
    expect(signupWorkflowId('atproto', 'aesthetic', fits, hash)).toBe(`signup/atproto/aesthetic/${fits}`)
    for (const long of [`${fits}x`, `ad|${'\\'.repeat(70)}`, `acme|${'x'.repeat(300)}`])
      expect(signupWorkflowId('atproto', 'aesthetic', long, hash)).toBe(
        `signup/atproto/aesthetic/${hash(long)}`,
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

  it.each(['samlp|acme|ada%40example.com', 'samlp|acme|ada\uFF20example.com'])(
    'is of the hash for an address written as in %s, too',
    (identity) => {
      expect(signupWorkflowId('atproto', 'aesthetic', identity, hash)).toMatch(/\/[0-9a-f]{64}$/)
    },
  )

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
      parsePersonWorkflowId(idOf('atproto', tenant, identity, hash)),
    )
    expect(deletion).toEqual({ system: 'atproto', tenant, identity: hash(identity) })
    expect(sync).toEqual({ system: 'atproto', tenant, identity })
    expect(parsePersonWorkflowId('watch-handles/atproto')).toBeNull()
  })
})

describe('the catch-up of a system without tenants', () => {
  it('has no tenant in its names', () => {
    expect(catchUpScheduleId('supabase', NO_TENANT)).toBe('supabase-catch-up')
    expect(catchUpWorkflowId('supabase', NO_TENANT)).toBe('catch-up/supabase')
    expect(tenantOfCatchUpSchedule('supabase', 'supabase-catch-up')).toBe(NO_TENANT)
    expect(tenantOfCatchUpSchedule('supabase', 'atproto-catch-up')).toBeNull()
  })
})
