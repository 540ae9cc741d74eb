import { randomBytes } from 'node:crypto'
import { MongoClient, type CreateIndexesOptions, type IndexSpecification } from 'mongodb'
import { beforeAll, describe, expect, it } from 'vitest'
import { createCursors } from '../../src/state/mongo/cursors.ts'
import type { CheckFinding } from '../../src/contracts/checks.ts'
import { catchUpScheduleId } from '../../src/contracts/ids.ts'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { createActionLog } from '../../src/state/mongo/actions.ts'
import { NEEDED_PRIVILEGES } from '../../src/domain/atproto/mongo-role.ts'
import { allScopes } from '../../dev/servers/auth0/access-token.ts'
import { startAuth0, type Auth0StandIn } from '../../dev/servers/auth0/server.ts'
import { startMongo, type MongoServer } from '../../dev/servers/mongo/mongo.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { atEnd } from '../support/at-end.ts'
import {
  checked,
  namesOf,
  pointStream,
  putSchedules,
  scopesNeeded,
  serveWorld,
  type Env,
} from '../support/checking.ts'
import { eventually } from '../support/eventually.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let env: Env
let streamId = ''
beforeAll(async () => {
  world = await openWorld({ auth0Scopes: allScopes }) // an administrator's: the fixes are applied by it
  env = await serveWorld(world)
  await eventually('our server is ready', async () => (await fetch(`${env['HOLDFAST_URL']}/readyz`)).ok)
  streamId = pointStream(world, env)
  await putSchedules(world)
  await world.startWorker()
})

/** On a machine that is busy with other tests a check may take longer than an operator would wait. */
const found = (change: Env = {}): Promise<readonly CheckFinding[]> =>
  eventually('every check ends in time', async () => {
    const { findings } = await checked({ ...env, ...change })
    const late = ['check-timed-out', 'temporal-unreachable'] // Temporal runs: it did not answer in time
    return namesOf(findings).some((name) => late.includes(name)) ? null : findings
  })

describe("check of Auth0's log stream: each finding, and its own fix applied as it stands", () => {
  const patch = (body: object) => managed(world.auth0, 'PATCH', `log-streams/${streamId}`, body)

  it.each([
    ['paused', { status: 'paused' }, 'log-stream-paused'],
    ['filtered', { filters: [{ type: 'category', name: 'user.success' }] }, 'log-stream-filtered'],
    ['sending another token', { sink: { httpAuthorization: 'another' } }, 'log-stream-token-differs'],
    ['pointed elsewhere', { sink: { httpEndpoint: 'http://127.0.0.1:1/x' } }, 'log-stream-elsewhere'],
  ])('%s', async (_, change, name) => {
    await patch(change)
    const [finding, ...others] = await found()
    expect(finding?.name).toBe(name)
    expect(others).toEqual([])
    const [, id, body = ''] =
      /auth0 api patch log-streams\/(\S+) --data (.+?)[,;]? or correct|$/.exec(
        `${finding?.fix ?? ''} or correct`,
      ) ?? []
    expect(id).toBe(streamId)
    await patch(dataOf(body))
    expect(await found()).toEqual([])
  })

  it('suspended: it has to be made anew', async () => {
    world.auth0.setStreamStatus(streamId, 'suspended')
    expect(namesOf(await found())).toEqual(['log-stream-suspended'])
    await managed(world.auth0, 'DELETE', `log-streams/${streamId}`)
    expect(namesOf(await found())).toEqual(['log-stream-missing'])
    streamId = pointStream(world, env)
    expect(await found()).toEqual([])
  })
})

describe('check of our application at Auth0', () => {
  const tenantWith = async (options: {
    scopes?: readonly string[]
    now?: () => Date
  }): Promise<Auth0StandIn> => {
    const standIn = await startAuth0({
      tenant: 'aesthetic',
      clientId: 'client',
      clientSecret: 'secret',
      ...options,
    })
    atEnd(() => standIn.stop())
    standIn.createStream({
      type: 'http',
      sink: {
        httpEndpoint: `${env['HOLDFAST_URL']}/webhooks/auth0/aesthetic`,
        httpAuthorization: env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '',
      },
    })
    return standIn
  }

  it('with the exact scopes finds nothing, and has no notice', async () => {
    const { url } = await tenantWith({ scopes: scopesNeeded })
    const report = await checked({ ...env, AUTH0_AESTHETIC_DOMAIN: url })
    expect(report.findings).toEqual([])
    expect(namesOf(report.notices)).not.toContain('auth0-scope-superfluous')
  })

  it('without a scope names it, and what else cannot be seen for it', async () => {
    const { url } = await tenantWith({ scopes: ['read:users', 'update:users', 'read:logs', 'delete:users'] })
    const findings = await found({ AUTH0_AESTHETIC_DOMAIN: url })
    expect(namesOf(findings)).toEqual(['auth0-denied', 'auth0-scope-missing'])
    expect(findings.map(({ sentence }) => sentence).join()).toContain('read:log_streams')
  })

  it('with a wrong secret is told so once', async () => {
    expect(namesOf(await found({ AUTH0_AESTHETIC_CLIENT_SECRET: 'wrong' }))).toEqual(['auth0-client-refused'])
  })

  it('of a tenant that is away is told so once', async () => {
    expect(namesOf(await found({ AUTH0_AESTHETIC_DOMAIN: 'http://127.0.0.1:1' }))).toEqual([
      'auth0-unreachable',
    ])
  })

  it('says that the last signup never came', async () => {
    const standIn = await tenantWith({ scopes: scopesNeeded, now: () => new Date(Date.now() - 10 * 60_000) })
    for (const { id } of standIn.streams()) standIn.setStreamStatus(id, 'paused')
    const identity = standIn.signUp({ email: 'somebody@example.com' })
    const findings = await found({ AUTH0_AESTHETIC_DOMAIN: standIn.url })
    expect(namesOf(findings)).toEqual(['log-stream-paused', 'signup-not-seen'])
    expect(findings.map(({ fix }) => fix).join()).toContain(`holdfast signup atproto '${identity}'`)
  })
})

describe('check of how far the log was read', () => {
  it('E6: names the time whose log was gone before it was read', async () => {
    const cursors = createCursors(world.db, 'atproto')
    await cursors.load('aesthetic')
    await cursors.recordGap('aesthetic', { from: new Date('2026-01-01'), to: new Date('2026-01-03') })
    const findings = await found()
    await cursors.closeGap('aesthetic')
    expect(namesOf(findings)).toEqual(['log-gap'])
    expect(findings[0]?.sentence).toContain('from 2026-01-01T00:00:00.000Z to 2026-01-03T00:00:00.000Z')
    expect(await found()).toEqual([])
  })
})

describe('check of our own server', () => {
  it('finds it away, as something else, with another token, or without the tenant', async () => {
    const elsewhere = (url: string): Env => ({ HOLDFAST_URL: url })
    expect(namesOf(await found(elsewhere('http://127.0.0.1:1')))).toEqual([
      'log-stream-elsewhere',
      'server-unreachable',
    ])
    const auth0 = namesOf(await found(elsewhere(world.auth0.url)))
    expect(auth0).toEqual(['log-stream-elsewhere', 'server-unreachable', 'webhook-tenant-unknown'])
    const token = namesOf(await found({ AUTH0_AESTHETIC_LOG_TOKEN: 'not the one of the server' }))
    expect(token).toEqual(['log-stream-token-differs', 'webhook-token-differs'])
    const sotce = await tenantNobodyServes()
    expect(namesOf(await found(sotce))).toEqual([
      'log-stream-missing',
      'schedule-missing',
      'webhook-tenant-unknown',
    ])
  })

  async function tenantNobodyServes(): Promise<Env> {
    const standIn = await startAuth0({ tenant: 'sotce', clientId: 'client', clientSecret: 'secret' })
    atEnd(() => standIn.stop())
    return {
      AUTH0_SOTCE_DOMAIN: standIn.url,
      AUTH0_SOTCE_CLIENT_ID: 'client',
      AUTH0_SOTCE_CLIENT_SECRET: 'secret',
      AUTH0_SOTCE_LOG_TOKEN: 'another-token-of-ours',
      AUTH0_SOTCE_ID_PREFIX: 'sotce-',
    }
  }
})

describe('check of a Temporal namespace that nobody prepared', () => {
  it('names each search attribute, the queues nobody polls and the schedule, and mends by its own commands', async () => {
    const namespace = `bare-${randomBytes(4).toString('hex')}`
    const { workflowService, operatorService } = world.temporal.connection
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    })
    const there = { TEMPORAL_NAMESPACE: namespace }
    const findings = await eventually('the namespace is there', async () => {
      const seen = await found(there)
      return !namesOf(seen).includes('temporal-namespace-missing') && seen
    })
    expect(namesOf(findings)).toEqual(['no-worker', 'schedule-missing', 'search-attribute-missing'])
    const commands = findings.filter(({ name }) => name === 'search-attribute-missing').map(({ fix }) => fix)
    expect(commands).toEqual(
      Object.entries(SEARCH_ATTRIBUTES).map(
        ([name, type]) =>
          `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${type}`,
      ),
    )
    await operatorService.addSearchAttributes({ namespace, searchAttributes: { SignupCode: 3 } })
    const wrong = await eventually('the attribute of another type is there', async () =>
      (await found(there)).find(({ name }) => name === 'search-attribute-wrong-type'),
    )
    expect(wrong.sentence).toBe(
      'The search attribute SignupCode has the type Int; it must have the type Keyword.',
    )
  })

  it('finds a schedule that somebody paused', async () => {
    const handle = world.temporal.schedule.getHandle(catchUpScheduleId('atproto', 'aesthetic'))
    await handle.pause('while we look')
    const findings = await found()
    await handle.unpause()
    expect(namesOf(findings)).toEqual(['schedule-paused'])
  })
})

describe('check of a database that asks for logins', () => {
  const MONGODB_DB = `rights_${randomBytes(4).toString('hex')}`
  let mongo: MongoServer
  let admin: MongoClient
  let withRole: Env
  beforeAll(async () => {
    mongo = await startMongo({ progress, auth: { user: 'root', password: 'of the tests' } })
    atEnd(() => mongo.stop())
    admin = await new MongoClient(mongo.uri).connect()
    atEnd(() => admin.close())
    await admin.db(MONGODB_DB).command({ createRole: 'holdfast', privileges: privileges(), roles: [] })
    await admin.db(MONGODB_DB).command({ createUser: 'ours', pwd: 'a password', roles: ['holdfast'] })
    withRole = { MONGODB_DB, MONGODB_URI: mongo.uriFor('ours', 'a password', MONGODB_DB) }
  })

  const privileges = (but: Readonly<Record<string, readonly string[]>> = {}) =>
    Object.entries({ ...NEEDED_PRIVILEGES, ...but }).map(([collection, actions]) => ({
      resource: { db: MONGODB_DB, collection },
      actions,
    }))
  const allow = (but: Readonly<Record<string, readonly string[]>> = {}) =>
    admin.db(MONGODB_DB).command({ updateRole: 'holdfast', privileges: privileges(but) })

  it('finds nothing with the role of deploy/mongo, and has no notice of it', async () => {
    const report = await checked({ ...env, ...withRole })
    expect(report.findings).toEqual([])
    expect(namesOf(report.notices)).toEqual([
      'actions-index-missing',
      'auth0-scope-superfluous',
      'index-missing',
      'pds-open',
    ])
  })

  it('X4: advises that the record of actions never expires, with a statement that mends it as it stands', async () => {
    const noticed = async () =>
      (await checked({ ...env, ...withRole })).notices.find(({ name }) => name === 'actions-index-missing')
    const record = admin.db(MONGODB_DB).collection('holdfast_actions')
    await record.createIndex({ expiresAt: 1 })
    expect((await noticed())?.sentence).toContain('kept without limit instead of 400 days')
    await record.dropIndexes()

    const [, name, collection = '', key, options] =
      /db\.getSiblingDB\("(.+)"\)\.getCollection\('(.+)'\)\.createIndex\((.+?), (.+)\)$/.exec(
        (await noticed())?.fix ?? '',
      ) ?? []
    const read = (text = ''): IndexSpecification =>
      JSON.parse(text.replaceAll(/(\w+):/g, '"$1":')) as IndexSpecification
    await admin
      .db(name)
      .collection(collection)
      .createIndex(read(key), read(options) as CreateIndexesOptions)
    expect(await noticed()).toBeUndefined()
  })

  it('M6: names what a read-only role lacks, with a grant that mends it as it stands', async () => {
    await allow({ users: ['find', 'listIndexes'], holdfast_intents: ['find'] })
    const findings = await found(withRole)
    expect(findings.map(({ name }) => name)).toEqual(['mongo-privilege-missing', 'mongo-privilege-missing'])
    expect(findings[0]?.sentence).toBe(
      'The MongoDB user of Holdfast lacks the privilege insert, update, remove, createIndex on the collection users.',
    )
    for (const { fix } of findings) {
      const [, role, granted] = /grantPrivilegesToRole\("(\w+)", (\[.+\])\)$/.exec(fix) ?? []
      expect(role).toBe('holdfast')
      const privilege = JSON.parse(granted ?? '') as unknown
      await admin.db(MONGODB_DB).command({ grantPrivilegesToRole: role, privileges: privilege })
    }
    expect(await found(withRole)).toEqual([])
  })

  it('finds a login that is refused, and rights of an administrator', async () => {
    const wrong = { MONGODB_DB, MONGODB_URI: mongo.uriFor('ours', 'wrong', MONGODB_DB) }
    expect(namesOf(await found(wrong))).toEqual(['mongo-login-refused'])
    const asRoot = await checked({ ...env, MONGODB_DB, MONGODB_URI: mongo.uri })
    expect(asRoot.findings).toEqual([])
    expect(namesOf(asRoot.notices)).toContain('mongo-privileges-superfluous')
  })

  it('names every right beyond those of role.js: a role of MongoDB, or actions in a collection of others', async () => {
    const noticed = async (): Promise<string | undefined> =>
      (await checked({ ...env, ...withRole })).notices.find(
        ({ name }) => name === 'mongo-privileges-superfluous',
      )?.sentence
    const grant = (roles: readonly string[]) =>
      admin.db(MONGODB_DB).command({ updateUser: 'ours', roles: [...roles] })
    await grant(['holdfast', 'readWrite'])
    expect(await noticed()).toContain('the role readWrite')
    await grant(['holdfast'])
    await allow({ orders: ['find', 'remove'], holdfast_actions: ['find', 'insert', 'remove'] })
    expect(await noticed()).toContain(`find, remove on ${MONGODB_DB}.orders`)
    expect(await noticed()).toContain(`remove on ${MONGODB_DB}.holdfast_actions`)
    await allow()
    expect(await noticed()).toBeUndefined()
  })

  it('X4: lets the record of actions be appended to, and neither changed nor shortened', async () => {
    const ours = await new MongoClient(withRole['MONGODB_URI'] ?? '').connect()
    atEnd(() => ours.close())
    const db = ours.db(MONGODB_DB)
    const actions = createActionLog(db)
    const by = { name: 'ana', verified: true, via: 'command' } as const
    const begun = {
      system: 'atproto',
      name: 'delete',
      kind: 'destroy',
      scope: null,
      reason: null,
      by,
    } as const
    await actions.begin({ ...begun, subjects: ['hash'] })
    expect(await actions.list({ subject: 'hash' }, 1)).toHaveLength(1)
    const record = db.collection('holdfast_actions')
    await expect(record.updateOne({}, { $set: { by: null } })).rejects.toThrow(/not authorized/)
    await expect(record.deleteMany({})).rejects.toThrow(/not authorized/)
    await expect(record.drop()).rejects.toThrow(/not authorized/)
    await expect(record.createIndex({ at: 1 }, { expireAfterSeconds: 0 })).rejects.toThrow(/not authorized/)
  })

  it('finds a validator that refuses our documents', async () => {
    const db = admin.db(MONGODB_DB)
    await db.createCollection('verifications', { validator: { count: { $type: 'string' } } })
    const findings = await found(withRole)
    await db.dropCollection('verifications')
    expect(namesOf(findings)).toEqual(['mongo-refused'])
  })
})

describe('check of the keys', () => {
  it('names the key that opened what is stored and is gone', async () => {
    const { keyring } = world
    const place = { collection: 'users', person: 'auth0|sealed', field: 'atproto.password' }
    const users = world.db.collection<{ _id: string }>('users')
    const document = {
      _id: 'auth0|sealed',
      code: 'ac26bobob',
      atproto: { password: keyring.seal('secret', place) },
    }
    await users.insertOne(document)
    expect(await found()).toEqual([])
    const findings = await found({ HOLDFAST_KEY: `newer:${randomBytes(32).toString('base64')}` })
    await users.deleteOne({ _id: 'auth0|sealed' })
    expect(namesOf(findings)).toEqual(['key-missing'])
    expect(findings[0]?.sentence).toContain('the key test cannot be decrypted (users.atproto.password)')
  })
})

/** The forms in which a shell passes the value: quoted JSON, or what jq makes of the variable. */
function dataOf(argument: string): object {
  const variable = /^"\$\(jq -n '\.sink\["httpAuthorization"\] = env\.(\w+) \| split\(","\)\[0\]'\)"$/.exec(
    argument,
  )?.[1]
  if (variable !== undefined) return { sink: { httpAuthorization: env[variable]?.split(',')[0] } }
  return JSON.parse(argument.replace(/^'(.*)'$/, '$1')) as object
}

/** A call of the Management API, as the `auth0` command sends it. */
async function managed(standIn: Auth0StandIn, method: string, path: string, body?: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const asked = { grant_type: 'client_credentials', client_id: 'client', client_secret: 'secret' }
  const token = await fetch(`${standIn.url}/oauth/token`, {
    method: 'POST',
    headers,
    body: JSON.stringify(asked),
  })
  const { access_token } = (await token.json()) as { access_token: string }
  const answer = await fetch(`${standIn.url}/api/v2/${path}`, {
    method,
    headers: { ...headers, authorization: `Bearer ${access_token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.status).toBeLessThan(300)
}
