import { z } from 'zod'
import { badBody, badQuery, noSuchUser } from '../errors.ts'
import { pageOf, pageQuery, pick, sorted } from '../paging.ts'
import { createByApi, deleteByApi, patchByApi } from '../people.ts'
import { compileQuery } from '../query.ts'
import type { Tenant } from '../tenant.ts'
import { database } from '../connections.ts'
import type { App } from '../web.ts'
import { callOf, authorized, newApp, readBody, readQuery } from '../web.ts'

const metadata = z.record(z.string(), z.unknown()).optional()
const email = z.string().regex(/^[^\s@]+@[^\s@]+$/)
const shared = {
  email_verified: z.boolean().optional(),
  verify_email: z.boolean().optional(),
  name: z.string().optional(),
  nickname: z.string().optional(),
  username: z.string().optional(),
  blocked: z.boolean().optional(),
  user_metadata: metadata,
  app_metadata: metadata,
}
const createBody = z.strictObject({
  ...shared,
  connection: z.string(),
  email,
  password: z.string().optional(),
  user_id: z.string().optional(),
})
const patchBody = z.strictObject({
  ...shared,
  email: email.optional(),
  connection: z.string().optional(),
  client_id: z.string().optional(),
  password: z.string().optional(),
})
const listQuery = z.object({
  ...pageQuery,
  connection: z.string().optional(),
  search_engine: z.enum(['v1', 'v2', 'v3']).optional(),
  primary_order: z.string().optional(),
})
const fieldsQuery = z.object({ fields: pageQuery.fields, include_fields: pageQuery.include_fields })

const searchable = new Set(
  `user_id email email.domain email_verified created_at updated_at last_login name nickname username blocked logins_count
  identities.connection identities.provider identities.user_id identities.isSocial`.split(/\s+/),
)
const isSearchable = (field: string) => searchable.has(field) || /^(user|app)_metadata\./.test(field)

export function userRoutes(tenant: Tenant): App {
  const app = newApp()
  const { users } = tenant

  app.get('/users', authorized(tenant, 'readUsers', 'read:users'), (c) => {
    const wish = readQuery(c, listQuery)
    if (wish.search_engine !== undefined && wish.search_engine !== 'v3')
      throw badQuery('Only search_engine v3 is available')
    const query = wish.q === undefined || wish.q === '' ? undefined : compileQuery(wish.q, isSearchable)
    const { connection } = wish
    const found = users
      .indexed(query?.createdFrom, query?.createdTo)
      .filter((user) => query?.test(user) ?? true)
      .filter(
        (user) => connection === undefined || user.identities.some((one) => one.connection === connection),
      )
    const ordered = wish.sort === undefined || wish.sort === 'created_at:1' ? found : sorted(found, wish.sort)
    return c.json(pageOf(ordered, wish, 'users'))
  })

  app.post('/users', authorized(tenant, 'writeUsers', 'create:users'), async (c) => {
    const body = await readBody(c, createBody)
    if (body.connection !== database.name) throw badBody(`The connection ${body.connection} does not exist`)
    const person = {
      email: body.email,
      verified: body.email_verified,
      userMetadata: body.user_metadata,
      appMetadata: body.app_metadata,
      username: body.username,
      id: body.user_id,
    }
    const { password: _secret, ...loggable } = body
    return c.json(createByApi(tenant, person, callOf(c, tenant, loggable)), 201)
  })

  app.get('/users-by-email', authorized(tenant, 'readUsers', 'read:users'), (c) => {
    const wish = readQuery(c, fieldsQuery.extend({ email: z.string() }))
    const found = users.byEmail(wish.email).filter((user) => user.email === wish.email)
    return c.json(found.map((user) => pick(user, wish)))
  })

  app.get('/users/:id', authorized(tenant, 'readUsers', 'read:users'), (c) => {
    const user = users.get(c.req.param('id'))
    if (!user) throw noSuchUser()
    return c.json(pick(user, readQuery(c, fieldsQuery)))
  })

  app.patch('/users/:id', authorized(tenant, 'writeUsers', 'update:users'), async (c) => {
    const {
      connection: _connection,
      client_id: _client,
      password: _secret,
      ...patch
    } = await readBody(c, patchBody)
    return c.json(patchByApi(tenant, c.req.param('id'), patch, callOf(c, tenant, patch)))
  })

  app.delete('/users/:id', authorized(tenant, 'writeUsers', 'delete:users'), (c) => {
    deleteByApi(tenant, c.req.param('id'), callOf(c, tenant))
    return c.body(null, 204)
  })

  return app
}
