import { randomUUID } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'

const NOBODY = '00000000-0000-0000-0000-000000000000'

export interface NewUser {
  readonly id?: string
  readonly email?: string
  readonly phone?: string
  /** `raw_user_meta_data`, such as `account_type`. */
  readonly metadata?: Record<string, unknown>
  /** `raw_app_meta_data` beside the provider, which Auth adds by an update after the insert. */
  readonly appMetadata?: Record<string, unknown>
  readonly createdAt?: Date
}

/** Users as Supabase Auth writes them: user, identity and audit entry in one transaction. Each returns the user's id. */
export interface AuthUsers {
  /** Signs up by e-mail or phone. Where confirmation is required, nothing is in the audit log until `confirm`. */
  signUp(user: NewUser, options?: { confirmed?: boolean }): Promise<string>
  confirm(id: string): Promise<void>
  signUpAnonymously(user?: NewUser): Promise<string>
  /** An anonymous user becomes a permanent one. */
  convert(id: string, email: string): Promise<void>
  /** Signs in by single sign-on for the first time: here the address is in the identity alone. */
  signUpWithSso(user: NewUser & { readonly email: string }): Promise<string>
  /** The audit entry names the administrator as the actor, and the user in its traits. */
  createByAdmin(user: NewUser): Promise<string>
  ban(id: string): Promise<void>
  /** `soft` keeps the row, with `deleted_at` and without its address. */
  remove(id: string, how?: 'hard' | 'soft'): Promise<void>
  /** `count` users by e-mail with their audit entries, in a few statements: `<prefix>-1@example.com` and so on. */
  signUpMany(count: number, options?: { prefix?: string; createdAt?: Date }): Promise<void>
}

/** `pool` connects as `supabase_auth_admin`, as the Auth server does. */
export function createAuthUsers(pool: Pool): AuthUsers {
  const create = (user: Row): Promise<string> => inTransaction(pool, (client) => insertUser(client, user))
  return {
    signUp: (user, { confirmed = true } = {}) =>
      create({ ...user, provider: user.email === undefined ? 'phone' : 'email', confirmed, audit: 'own' }),
    signUpAnonymously: (user = {}) => create({ ...user, provider: null, confirmed: false, audit: 'none' }),
    signUpWithSso: (user) =>
      create({ ...user, provider: `sso:${randomUUID()}`, confirmed: true, audit: 'own', sso: true }),
    createByAdmin: (user) =>
      create({
        ...user,
        provider: user.email === undefined ? 'phone' : 'email',
        confirmed: true,
        audit: 'admin',
      }),
    confirm: (id) =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ email: string | null }>(
          'update auth.users set email_confirmed_at = now(), updated_at = now() where id = $1 returning email',
          [id],
        )
        await writeAudit(client, ownEntry('user_signedup', id, rows[0]?.email ?? '', 'email'))
      }),
    convert: (id, email) =>
      inTransaction(pool, async (client) => {
        await client.query(
          `update auth.users set is_anonymous = false, email = lower($2), email_confirmed_at = now(),
             raw_app_meta_data = '{"provider":"email","providers":["email"]}', updated_at = now() where id = $1`,
          [id, email],
        )
        await insertIdentity(client, { id, provider: 'email', email, phone: null, createdAt: new Date() })
        await writeAudit(client, ownEntry('user_modified', id, email.toLowerCase(), 'email'))
      }),
    ban: async (id) => {
      await pool.query(`update auth.users set banned_until = now() + interval '100 years' where id = $1`, [
        id,
      ])
    },
    remove: (id, how = 'hard') =>
      inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ email: string | null }>(
          'select email from auth.users where id = $1',
          [id],
        )
        const traits = { user_id: id, user_email: rows[0]?.email ?? '', user_phone: '' }
        await writeAudit(client, adminEntry('user_deleted', traits))
        if (how === 'hard') await client.query('delete from auth.users where id = $1', [id])
        else {
          await client.query('delete from auth.identities where user_id = $1', [id])
          await client.query(
            `update auth.users set deleted_at = now(), email = md5(email), phone = null,
               raw_user_meta_data = '{}', raw_app_meta_data = '{}' where id = $1`,
            [id],
          )
        }
      }),
    signUpMany: (count, options = {}) => inTransaction(pool, (client) => insertMany(client, count, options)),
  }
}

interface Row extends NewUser {
  readonly provider: string | null
  readonly confirmed: boolean
  readonly audit: 'own' | 'admin' | 'none'
  readonly sso?: boolean
}

async function insertUser(client: PoolClient, user: Row): Promise<string> {
  const id = user.id ?? randomUUID()
  const createdAt = user.createdAt ?? new Date()
  const [email, phone] = [user.email?.toLowerCase() ?? null, user.phone ?? null]
  const at = user.confirmed ? createdAt : null
  await client.query(
    `insert into auth.users (instance_id, id, aud, role, email, email_confirmed_at, phone, phone_confirmed_at,
       raw_app_meta_data, raw_user_meta_data, is_sso_user, is_anonymous, created_at, updated_at,
       confirmation_token, recovery_token, email_change_token_new, email_change)
     values ($1, $2, 'authenticated', 'authenticated', $3, $4, $5, $6, '{}', $7, $8, $9, $10, $10, '', '', '', '')`,
    [
      NOBODY,
      id,
      user.sso === true ? null : email,
      email === null ? null : at,
      phone,
      phone === null ? null : at,
      user.metadata ?? {},
      user.sso === true,
      user.provider === null,
      createdAt,
    ],
  )
  const { provider } = user
  if (provider !== null) await insertIdentity(client, { id, provider, email, phone, createdAt })
  const providers = provider === null ? {} : { provider, providers: [provider] }
  await client.query('update auth.users set raw_app_meta_data = $2 where id = $1', [
    id,
    { ...providers, ...user.appMetadata },
  ])
  const name = email ?? phone ?? ''
  if (user.audit === 'admin')
    await writeAudit(
      client,
      adminEntry('user_signedup', {
        provider,
        user_id: id,
        user_email: email ?? '',
        user_phone: phone ?? '',
      }),
      createdAt,
    )
  else if (user.audit === 'own' && user.confirmed) {
    await writeAudit(client, ownEntry('user_signedup', id, name, provider), createdAt)
    await writeAudit(client, ownEntry('login', id, name, provider), createdAt)
  } else if (user.audit === 'own')
    await writeAudit(client, ownEntry('user_confirmation_requested', id, name, provider), createdAt)
  return id
}

async function insertIdentity(
  client: PoolClient,
  of: { id: string; provider: string; email: string | null; phone: string | null; createdAt: Date },
): Promise<void> {
  const data = { sub: of.id, ...(of.email === null ? { phone: of.phone } : { email: of.email }) }
  await client.query(
    `insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
     values ($1::text, $1::uuid, $2, $3, $4, $4)`,
    [of.id, data, of.provider, of.createdAt],
  )
}

type Entry = Record<string, unknown>

function ownEntry(action: string, id: string, username: string, provider: string | null): Entry {
  const actor = {
    actor_id: id,
    actor_username: username,
    actor_via_sso: provider?.startsWith('sso:') === true,
  }
  const type = action === 'login' ? 'account' : action === 'user_modified' ? 'user' : 'team'
  return { action, ...actor, log_type: type, traits: { provider } }
}

function adminEntry(action: string, traits: Entry): Entry {
  const actor = { actor_id: NOBODY, actor_username: 'service_role', actor_via_sso: false }
  return { action, ...actor, log_type: 'team', traits }
}

async function writeAudit(client: PoolClient, payload: Entry, at = new Date()): Promise<void> {
  await client.query(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
     values ($1, gen_random_uuid(), $2, $3, '')`,
    [NOBODY, payload, at],
  )
}

async function insertMany(
  client: PoolClient,
  count: number,
  { prefix = 'user', createdAt = new Date() }: { prefix?: string; createdAt?: Date },
): Promise<void> {
  await client.query(
    `with people as (
       insert into auth.users (instance_id, id, aud, role, email, email_confirmed_at, raw_app_meta_data,
         raw_user_meta_data, created_at, updated_at)
       select $1, gen_random_uuid(), 'authenticated', 'authenticated', $3::text || '-' || n || '@example.com', $4,
         '{"provider":"email","providers":["email"]}', '{}', $4, $4
       from generate_series(1, $2::integer) as n returning id, email)
     insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
     select id::text, id, jsonb_build_object('sub', id, 'email', email), 'email', $4, $4 from people`,
    [NOBODY, count, prefix, createdAt],
  )
  await client.query(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at)
     select $1, gen_random_uuid(), json_build_object('action', 'user_signedup', 'actor_id', id, 'actor_username', email,
       'actor_via_sso', false, 'log_type', 'team', 'traits', json_build_object('provider', 'email')), $3
     from auth.users where email like $2::text || '-%@example.com' and created_at = $3`,
    [NOBODY, prefix, createdAt],
  )
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    client.release()
    return result
  } catch (error) {
    client.release(true) // the server rolls back
    throw error
  }
}
