import { describe, expect, it } from 'vitest'
import { readOperatorAddress } from '../../../src/config/operator-address.ts'
import { hashOf } from '../../../src/config/operators.ts'
import { OPERATOR_ROLES } from '../../../src/domain/operators.ts'
import { createOperatorApp } from '../../../src/http/operators/app.ts'
import { identifyBy } from '../../../src/http/operators/identify.ts'
import { operatorRoutes } from '../../../src/http/operators/routes.ts'
import { NO_MEASURES } from '../../support/no-measures.ts'

/** The role that each address is meant to require, beside the code, so that a change of it is seen here. */
const MEANT: Readonly<Record<string, (typeof OPERATOR_ROLES)[number]>> = {
  'get /api/operator': 'viewer',
  'get /metrics': 'viewer',
  'get /api/systems/:system/health': 'viewer',
  'get /api/openapi.json': 'viewer',
  'get /api/signups': 'viewer',
  'get /api/signups/:system/:id': 'viewer',
  'get /api/signups/:system/:id/why': 'viewer',
  'post /api/search': 'viewer',
  'get /api/runs': 'viewer',
  'get /api/runs/:id': 'viewer',
  'post /api/signups/:system/:id/retry': 'operator',
  'post /api/runs/:id/pause': 'operator',
  'post /api/runs/:id/resume': 'operator',
  'post /api/runs/:id/cancel': 'operator',
  'post /api/backfills': 'admin',
  'post /api/runs/:id/apply': 'admin',
}

const operators = OPERATOR_ROLES.map(
  (role) => `${role}:${role}:${hashOf(`token-of-${role}`).toString('hex')}`,
)
const address = readOperatorAddress({ OPERATOR_PORT: '1', HOLDFAST_OPERATORS: operators.join(',') })
if (address === null) throw new Error('it has a port')
const routes = operatorRoutes({ version: '0.1.0', measures: NO_MEASURES, systems: [] })
const app = createOperatorApp({
  routes,
  identify: identifyBy(address),
  logger: { error: () => {} },
  docsUrl: 'docs',
  system: 'atproto',
})

const send = async (method: string, path: string, token?: string): Promise<number> => {
  const url = path.replace(':system', 'atproto').replace(':id', 'a'.repeat(64))
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return (await app.request(url, { method: method.toUpperCase(), headers })).status
}

describe('every URL', () => {
  it('requires the role that is meant', () => {
    expect(Object.fromEntries(routes.map(({ method, path, role }) => [`${method} ${path}`, role]))).toEqual(
      MEANT,
    )
  })

  it.each(routes)('$method $path is for $role and above alone', async ({ method, path, role }) => {
    expect(await send(method, path)).toBe(401)
    expect(await send(method, path, 'token-of-nobody')).toBe(401)
    for (const caller of OPERATOR_ROLES) {
      const allowed = OPERATOR_ROLES.indexOf(caller) >= OPERATOR_ROLES.indexOf(role)
      const status = await send(method, path, `token-of-${caller}`)
      if (allowed) expect([200, 202, 400, 404], caller).toContain(status)
      else expect(status, caller).toBe(403)
    }
  })
})
