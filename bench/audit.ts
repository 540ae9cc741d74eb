import { randomBytes } from 'node:crypto'
import { MockActivityEnvironment } from '@temporalio/testing'
import { MongoClient, type Db } from 'mongodb'
import type { AtprotoDeps } from '../src/activities/atproto/deps.ts'
import { createAtprotoAudit } from '../src/activities/atproto/audit/answers.ts'
import { createAuditActivities } from '../src/activities/audit/activities.ts'
import { LIST_PAGE_SIZE, type Auth0UserSummary } from '../src/adapters/auth0/listing.ts'
import type { UserDocument, VerificationDocument } from '../src/adapters/mongo/documents.ts'
import { table } from '../src/cli/format/print.ts'
import { loadAtprotoConfig } from '../src/config/atproto/sections.ts'
import { silentProgress as progress } from '../dev/servers/lib/progress.ts'
import { startMongo } from '../dev/servers/mongo/mongo.ts'
import { ATPROTO_SECTIONS } from '../src/worker/atproto/deps.ts'
import { connectWorkerDeps } from '../test/support/atproto-worker.ts'

export const SCOPE = { tenant: null, last: null, since: null, id: null }
const BATCH = 2_000
const NEWEST = Date.UTC(2026, 0, 1)
const PER_USER = 1_000

interface Figures {
  readonly people: number
  readonly seconds: number
  /** The duration of the steps that only involve MongoDB. */
  readonly mongoSeconds: number
  readonly peakMb: number
}

/**
 * Audits of complete populations, on a real MongoDB; Auth0 and the PDS answer from a recording, with their own page
 * sizes. Every activity runs as it does in a worker. At the end, one look-up per person and store, as the scripts
 * before Holdfast did.
 */
export async function benchAudits(sizes: readonly number[]): Promise<string> {
  const mongo = await startMongo({ progress })
  const client = new MongoClient(mongo.uri)
  try {
    const rows: Figures[] = []
    for (const people of sizes) {
      const db = `bench_${people}`
      await fill(client.db(db), people)
      rows.push(await audited(mongo.uri, db, people))
    }
    const one = await perUser(client.db(`bench_${sizes[0] ?? PER_USER}`), Math.min(sizes[0] ?? 0, PER_USER))
    return report(rows, one)
  } finally {
    await client.close()
    await mongo.stop()
  }
}

const idOf = (n: number): string => `auth0|${String(n).padStart(12, '0')}`
const didOf = (n: number): string => `did:plc:${String(n).padStart(24, '0')}`
const codeOf = (n: number): string =>
  `ac26b${Array.from(n.toString(19), (digit) => `a${'bcdfghjkmnprstvwxyz'.charAt(Number.parseInt(digit, 19))}`).join('')}ab`
const createdAt = (n: number): Date => new Date(NEWEST - n * 1_000)

/**
 * People who are complete, except that the first `lacking` of them lack the time of their signup: one finding for each,
 * in every audit.
 */
export async function fill(db: Db, people: number, lacking = 0): Promise<void> {
  await db.collection('users').createIndex({ code: 1 }, { unique: true, sparse: true })
  for (let from = 0; from < people; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, people - from) }, (_, index) => from + index)
    await db
      .collection<VerificationDocument>('verifications')
      .insertMany(numbers.map((n) => ({ _id: idOf(n), count: 1 })))
    await db.collection<UserDocument>('users').insertMany(
      numbers.map((n) => ({
        _id: idOf(n),
        code: codeOf(n),
        ...(n < lacking ? {} : { when: createdAt(n) }),
        atproto: { did: didOf(n), handle: `${codeOf(n)}.at.example.com`, password: 'x' },
      })),
    )
  }
}

/** Recordings of Auth0 and the PDS: the same pages, without the network. */
function recorded(deps: AtprotoDeps, people: number): AtprotoDeps {
  const person = (n: number): Auth0UserSummary => ({
    userId: idOf(n),
    email: `p${n}@example.com`,
    emailVerified: true,
    createdAt: createdAt(n),
  })
  const range = (from: number, count: number): number[] =>
    Array.from({ length: Math.max(0, Math.min(count, people - from)) }, (_, index) => from + index)
  return {
    ...deps,
    running: {
      page: () => Promise.resolve({ workflowIds: [], next: null }),
      isRunning: () => Promise.resolve(false),
      blocked: () => Promise.resolve([]),
    },
    tenants: deps.tenants.map((tenant) => ({
      ...tenant,
      auth0: {
        ...tenant.auth0,
        usersPage({ until, page }) {
          const from = (until === null ? 0 : (NEWEST - until.getTime()) / 1_000) + page * LIST_PAGE_SIZE
          return Promise.resolve({ users: range(from, LIST_PAGE_SIZE).map(person), total: people })
        },
      },
    })),
    pdsListing: {
      repos(cursor, limit) {
        const from = Number(cursor ?? 0)
        const repos = range(from, limit).map((n) => ({ did: didOf(n), state: 'active' }))
        return Promise.resolve({ repos, next: from + limit < people ? String(from + limit) : null })
      },
      accountInfos: (dids) =>
        Promise.resolve(
          dids.map((did) => {
            const n = Number(did.slice('did:plc:'.length))
            const email = `p${n}@example.com`
            return {
              did,
              handle: `${codeOf(n)}.at.example.com`,
              email,
              createdAt: createdAt(n),
              deactivated: false,
            }
          }),
        ),
      repoState: () => Promise.resolve('active'),
    },
  }
}

/** The activities of an audit, on that database, with Auth0 and the PDS as recorded. */
export function recordedAudit(uri: string, db: string, people: number) {
  const key = () => randomBytes(32).toString('base64')
  const config = loadAtprotoConfig([...ATPROTO_SECTIONS, 'mongo'], {
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    MONGODB_URI: uri,
    MONGODB_DB: db,
    AUTH0_AESTHETIC_DOMAIN: 'recorded.example.com',
    AUTH0_AESTHETIC_CLIENT_ID: 'recorded-and-never-sent',
    AUTH0_AESTHETIC_CLIENT_SECRET: key(),
    AUTH0_AESTHETIC_LOG_TOKEN: key(),
    PDS_URL: 'http://127.0.0.1:1',
    PDS_ADMIN_PASSWORD: key(),
    PDS_HANDLE_DOMAIN: '.at.example.com',
    PDS_PASSWORD_STORAGE: 'sealed',
    HOLDFAST_KEY: `bench:${key()}`,
    HOLDFAST_ID_KEY: key(),
  })
  const { deps, close } = connectWorkerDeps(config)
  const played = recorded(deps, people)
  return { deps, close, activities: createAuditActivities(played, createAtprotoAudit(played)) }
}

async function audited(uri: string, db: string, people: number): Promise<Figures> {
  const { deps, close, activities } = recordedAudit(uri, db, people)
  const environment = new MockActivityEnvironment()
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50)
  try {
    const began = performance.now()
    let mongoSeconds = 0
    for (const { name } of await activities.listScanSteps(SCOPE)) {
      const stepBegan = performance.now()
      await environment.run(activities.runScanStep, { auditId: 'bench', scope: SCOPE, step: name })
      if (['people', 'codes', 'unowned'].includes(name))
        mongoSeconds += (performance.now() - stepBegan) / 1_000
    }
    const seconds = (performance.now() - began) / 1_000
    const gaps = await deps.findings.counts('bench')
    if (Object.keys(gaps).length > 0) throw new Error(`a whole population has gaps: ${JSON.stringify(gaps)}`)
    return { people, seconds, mongoSeconds, peakMb: peak / 2 ** 20 }
  } finally {
    clearInterval(watch)
    await close()
  }
}

/** One look-up per person and store, in sequence; the network of Auth0 and the PDS is not included. */
async function perUser(db: Db, people: number): Promise<number> {
  const began = performance.now()
  for (let n = 0; n < people; n += 1) {
    for (const name of ['verifications', 'users', '@handles'])
      await db.collection<{ _id: string }>(name).findOne({ _id: idOf(n) })
    await db.collection<{ _id: string }>('holdfast_audit_identities').findOne({ _id: `bench/${idOf(n)}` })
    await db.collection<{ _id: string }>('holdfast_audit_accounts').findOne({ _id: `bench/${didOf(n)}` })
  }
  return people / ((performance.now() - began) / 1_000)
}

function report(rows: readonly Figures[], perUserRate: number): string {
  const figures = rows.map(({ people, seconds, mongoSeconds, peakMb }) => [
    String(people),
    seconds.toFixed(1),
    Math.round(people / seconds).toString(),
    Math.round(people / mongoSeconds).toString(),
    Math.round(peakMb).toString(),
  ])
  return [
    'Audits of everybody, MongoDB real, the listings of Auth0 and the PDS recorded',
    table(['people', 'seconds', 'users/s', 'users/s, MongoDB alone', 'peak MB of this process'], figures),
    `a look-up for each person and store, ${PER_USER} people: ${Math.round(perUserRate)} users/s`,
  ].join('\n')
}
