import { describe, expect, it } from 'vitest'
import { assessScopes, NEEDED_SCOPES } from '../../../src/domain/atproto/auth0-scopes.ts'
import { logStreamFaults, type LogStreamSettings } from '../../../src/domain/atproto/log-stream.ts'
import {
  listensOnLoopbackOnly,
  missingPrivileges,
  NEEDED_PRIVILEGES,
  superfluousRights,
} from '../../../src/domain/atproto/mongo-role.ts'
import { isProbe, probeUserId } from '../../../src/domain/atproto/probe.ts'

describe('the mark of a probe', () => {
  it('stands in the identity, whatever the prefix of its tenant', () => {
    expect(isProbe(`auth0|${probeUserId('0a1b2c3d4e5f')}`)).toBe(true)
    expect(isProbe(`sotce-auth0|${probeUserId('0a1b2c3d4e5f')}`)).toBe(true)
  })

  it('is not met in anybody else', () => {
    for (const identity of ['auth0|6123abc', 'auth0|holdfast-probe-', 'auth0|x-holdfast-probe-zz', ''])
      expect(isProbe(identity), identity).toBe(false)
  })
})

describe('the scopes of a token', () => {
  const needed = [...NEEDED_SCOPES.keys()]

  it('are enough, or each that lacks is named with what it is for', () => {
    expect(assessScopes(needed, { probe: false })).toEqual({ missing: [], superfluous: [] })
    const { missing } = assessScopes(needed.slice(1), { probe: false })
    expect(missing).toEqual([{ scope: 'read:users', purpose: 'read and list users' }])
  })

  it('are more than enough where a call that needs one is never made; those of a probe are not', () => {
    const { superfluous } = assessScopes([...needed, 'delete:clients', 'create:users'], { probe: false })
    expect(superfluous).toEqual(['delete:clients'])
    expect(assessScopes(needed, { probe: true }).missing).toHaveLength(3)
  })
})

describe('the log streams of a tenant', () => {
  const wanted = {
    endpoint: 'https://holdfast.example.com/webhooks/auth0/aesthetic',
    tokens: ['token', 'the one that replaces it'],
  }
  const good: LogStreamSettings = {
    id: 'lst_1',
    type: 'http',
    status: 'active',
    filters: [],
    endpoint: wanted.endpoint,
    authorization: 'token',
    format: 'JSONLINES',
  }
  const faults = (...streams: Partial<LogStreamSettings>[]): string[] =>
    logStreamFaults(
      streams.map((change) => ({ ...good, ...change })),
      wanted,
    ).map(({ name }) => name)

  it('are right in every form that reads as the same', () => {
    expect(faults({})).toEqual([])
    expect(faults({ endpoint: `${wanted.endpoint}/`, format: null })).toEqual([])
    expect(faults({ endpoint: wanted.endpoint.replace('holdfast.', 'HOLDFAST.') })).toEqual([])
    expect(faults({ filters: ['user.success', 'auth.login.success', 'auth.signup.success'] })).toEqual([])
    expect(faults({ status: 'paused', id: 'lst_old' }, {})).toEqual([])
  })

  it.each([
    [[], ['log-stream-missing']],
    [[{ type: 'eventbridge' }], ['log-stream-missing']],
    [[{ endpoint: 'https://elsewhere.example.com/x' }], ['log-stream-elsewhere']],
    [[{ status: 'paused' }], ['log-stream-paused']],
    [[{ status: 'suspended' }], ['log-stream-suspended']],
    [[{ filters: ['user.success'] }], ['log-stream-filtered']],
    [[{ format: 'CSV' }], ['log-stream-format-unknown']],
    [[{ authorization: 'Bearer token' }], ['log-stream-token-differs']],
    [[{ status: 'paused', authorization: null }], ['log-stream-paused', 'log-stream-token-differs']],
  ])('%j: %j', (streams, names) => {
    expect(faults(...streams)).toEqual(names)
  })

  it('never hand on a whole address that is not ours, which may hold a secret', () => {
    const elsewhere = { ...good, endpoint: 'https://hooks.example.com/services/T0/secret' }
    expect(JSON.stringify(logStreamFaults([elsewhere], wanted))).not.toContain('secret')
  })
})

describe('the privileges of a role', () => {
  const held = Object.entries(NEEDED_PRIVILEGES).map(([collection, actions]) => ({
    resource: { db: 'app', collection },
    actions,
  }))

  it('are enough as they are needed, in the whole database, or everywhere', () => {
    const all = [...new Set(Object.values(NEEDED_PRIVILEGES).flat())]
    for (const enough of [
      held,
      [{ resource: { db: 'app', collection: '' }, actions: all }],
      [{ resource: { db: '', collection: '' }, actions: all }],
      [{ resource: { anyResource: true }, actions: ['anyAction'] }],
    ])
      expect(missingPrivileges(enough, 'app').size).toBe(0)
  })

  it('lack what they lack, by collection', () => {
    const without = held.map((one) =>
      one.resource.collection === 'users' ? { ...one, actions: ['find', 'listIndexes', 'remove'] } : one,
    )
    expect([...missingPrivileges(without, 'app')]).toEqual([['users', ['insert', 'update', 'createIndex']]])
    expect(missingPrivileges(held, 'another').size).toBe(Object.keys(NEEDED_PRIVILEGES).length)
  })

  it('are too many with a role that is for administrators', () => {
    expect(superfluousRights({ roles: ['holdfast', 'readWrite', 'root'], privileges: [] }, 'app')).toEqual([
      'the role readWrite',
      'the role root',
    ])
  })
})

describe('a MongoDB that asks for no login', () => {
  it('is for its own machine alone where every address it listens to is', () => {
    for (const bindIp of [undefined, '127.0.0.1', 'localhost,::1', '127.0.0.1, /tmp/mongodb-27017.sock'])
      expect(listensOnLoopbackOnly({ bindIp }), bindIp).toBe(true)
    for (const bindIp of ['0.0.0.0', '127.0.0.1,10.0.0.7', '*', '::', 'localhost,mongo.example.com', ''])
      expect(listensOnLoopbackOnly({ bindIp }), bindIp).toBe(false)
    expect(listensOnLoopbackOnly({ bindIpAll: true })).toBe(false)
  })
})
