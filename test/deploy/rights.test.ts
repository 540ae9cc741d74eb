import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { NEEDED_SCOPES, PROBE_SCOPES } from '../../src/domain/atproto/auth0-scopes.ts'
import { logStreamFaults } from '../../src/domain/atproto/log-stream.ts'
import { NEEDED_PRIVILEGES } from '../../src/domain/atproto/mongo-role.ts'
import { textOf } from './files.ts'

const scopesIn = (file: string): unknown => (JSON.parse(textOf(file)) as { scope: unknown }).scope

interface MadePrivilege {
  readonly resource: { readonly db: string; readonly collection: string }
  readonly actions: readonly string[]
}

describe('the rights that deploy/ gives', () => {
  it('are at Auth0 the scopes that check asks for', () => {
    const needed = [...NEEDED_SCOPES.keys()]
    expect(scopesIn('deploy/auth0/client-grant.json')).toEqual(needed)
    expect(scopesIn('deploy/auth0/client-grant-probe.json')).toEqual([...needed, ...PROBE_SCOPES.keys()])
    for (const scope of needed) expect(textOf('deploy/auth0/README.md')).toContain(`| \`${scope}\``)
  })

  it('make a log stream in which check finds nothing wrong', () => {
    const stream = JSON.parse(textOf('deploy/auth0/log-stream.json')) as {
      type: string
      filters: { name: string }[]
      sink: { httpEndpoint: string; httpAuthorization: string; httpContentFormat: string }
    }
    const endpoint = 'https://holdfast.example.com/webhooks/auth0/aesthetic'
    const seen = {
      id: 'lst_1',
      status: 'active',
      type: stream.type,
      filters: stream.filters.map(({ name }) => name),
      endpoint,
      authorization: 'token',
      format: stream.sink.httpContentFormat,
    }
    expect(logStreamFaults([seen], { endpoint, tokens: ['token'] })).toEqual([])
  })

  it('are in MongoDB the privileges that check asks for', () => {
    const expiring: unknown[] = []
    const application = {
      getName: () => 'app',
      getRole: () => null,
      createRole: keep,
      getCollection: (name: string) => ({
        createIndex: (...index: unknown[]) => expiring.push([name, ...index]),
      }),
    }
    const made: MadePrivilege[] = []
    function keep({ privileges }: { privileges: MadePrivilege[] }): void {
      made.push(...privileges)
    }
    const mongosh = { db: { getSiblingDB: () => application }, process: { env: { MONGODB_DB: 'app' } } }
    runInNewContext(textOf('deploy/mongo/role.js'), mongosh)
    expect(Object.fromEntries(made.map(({ resource, actions }) => [resource.collection, actions]))).toEqual(
      NEEDED_PRIVILEGES,
    )
    // Our role may create no index there, so the administrator's script creates the one by which the record expires.
    expect(expiring).toEqual([['holdfast_actions', { expiresAt: 1 }, { expireAfterSeconds: 0 }]])
    expect(made.every(({ resource }) => resource.db === 'app')).toBe(true)
  })

  it('X4: let the record of actions be appended to and read, and not changed', () => {
    expect(NEEDED_PRIVILEGES['holdfast_actions']).toEqual(['find', 'insert', 'listIndexes'])
  })

  it('cover every collection of our own', () => {
    const told = [...textOf('docs/architecture/data-model.md').matchAll(/^\| `(holdfast_[a-z_]+)`/gm)].map(
      ([, name]) => name,
    )
    const needed = Object.keys(NEEDED_PRIVILEGES).filter((name) => name.startsWith('holdfast_'))
    expect(new Set(needed)).toEqual(new Set(told))
  })
})
