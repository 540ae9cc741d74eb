import pMap from 'p-map'
import { beforeAll, describe, expect, it } from 'vitest'
import { createIdHash } from '../../../src/crypto/keyring.ts'
import { jsonOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { address, expectComplete } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'
import { openWebhook, taken, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'
import { patience } from '../../support/patience.ts'

/** The part after `samlp|acme|` in ids that SAML, AD and OIDC connections issue. */
const FORMS = [
  'Jane Doe',
  'José Ñandú 日本語 😀',
  String.raw`CORP\sam`,
  String.raw`tail\ `.trim(),
  String.raw`0\0 and \n`,
  `o'neil`,
  `ends with '`,
  'a"b',
  String.raw`x\'OR/**/WorkflowType="signup"#`,
  'a/b?c=d&e#f',
  '100% %2e%2e',
  '$where',
  '.',
  '..',
  'jane@example.com',
  'tab\tnew\nline',
  'x'.repeat(300),
  'é'.repeat(120),
]

const REASON = ['--reason', 'a test of ids']

let world: World
let webhook: Webhook
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  webhook = openWebhook(world)
})

describe('E15, D1, D3: an id of any form that a provider issues', () => {
  it(
    'is signed up, looked up, listed, exported, and deleted by its event; nothing of it is left',
    async () => {
      const people = FORMS.map((form) => {
        const email = address()
        const identity = world.auth0.createUser({
          via: 'social',
          provider: 'samlp',
          id: `acme|${form}`,
          email,
          verified: true,
        })
        return { identity, email }
      })
      const arrivals = people.flatMap(({ identity }) => entriesOf(world, identity))
      expect(await webhook.deliver(FORMATS.JSONARRAY(arrivals))).toEqual(taken(FORMS.length))
      for (const person of people) await expectComplete(world, person, { timeoutMs: 120_000 })

      await eventually('list has all of them', async () => {
        const { document: listed } = await jsonOf(world.env, 'list', 'atproto', '--limit', '100')
        const text = JSON.stringify(listed)
        return people.every(({ identity }) => text.includes(JSON.stringify(shown(identity))))
      })
      await pMap(
        people,
        async ({ identity }) => {
          await eventually(`why tells of ${identity}`, async () => {
            const { document: why } = await jsonOf(world.env, 'why', 'atproto', identity)
            return why['identity'] === identity && why['stage'] === 'completed'
          })
          await eventually(`export has ${identity}`, async () => {
            const { document: exported } = await jsonOf(world.env, 'export', 'atproto', identity, ...REASON)
            expect(exported, identity).toMatchObject({
              application: { users: [{ _id: identity }], verifications: [{ _id: identity }] },
              temporal: [{ type: 'signup', stage: 'completed' }],
            })
            return true
          })
        },
        { concurrency: 2 },
      )
      const { document: one } = await jsonOf(
        world.env,
        'export',
        'atproto',
        people[8]?.identity ?? '',
        ...REASON,
      )
      for (const other of people)
        if (other !== people[8]) expect(JSON.stringify(one)).not.toContain(other.email)

      for (const { identity } of people) world.auth0.deleteUser(identity)
      const departures = world.auth0
        .logs()
        .filter(({ type }) => type === 'sdu' || type === 'sapi')
        .map((log) => ({ log_id: log.log_id, data: { ...log } }))
      expect(await webhook.deliver(FORMATS.JSONARRAY(departures))).toMatchObject({ body: { quarantined: 0 } })
      await eventually('every deletion is over', async () => (await unfinished(people)).length === 0, 240_000)

      await eventually(
        'nothing is left',
        async () => {
          expect(await traces(people)).toEqual([])
          return true
        },
        180_000,
      )
    },
    patience(480_000),
  )

  it('is refused at once where no store could keep it', async () => {
    const bad = ['.', '..', 'samlp|acme|nul\0', 'samlp|acme|half \ud83d'].map((user_id) =>
      entry({ type: 'ss', user_id }),
    )
    const answer = await webhook.deliver(FORMATS.JSONARRAY(bad))
    expect(answer).toMatchObject({ status: 200, body: { accepted: 0, quarantined: 4 } })
    for (const command of [['status'], ['delete', '--yes'], ['export', ...REASON]]) {
      const [name = '', ...options] = command
      const { code, document } = await jsonOf(world.env, name, 'atproto', '..', ...options)
      expect(code, name).not.toBe(0)
      expect(JSON.stringify(document), name).toMatch(/no provider issues|is not an identity/)
    }
  })
})

const hash = (identity: string): string =>
  createIdHash(Buffer.from(world.env['HOLDFAST_ID_KEY'] ?? '', 'base64'))(identity)

function shown(identity: string): string {
  return identity.includes('@') ? hash(identity) : identity
}

async function unfinished(people: readonly { identity: string }[]): Promise<string[]> {
  const over = await world.db
    .collection<{ _id: string }>('holdfast_tombstones')
    .find({ finishedAt: { $ne: null } })
    .toArray()
  const ids = new Set(over.map(({ _id }) => _id))
  return people.map(({ identity }) => identity).filter((identity) => !ids.has(hash(identity)))
}

/**
 * An independent search of every document, every run with its history and every account; it uses no code of Holdfast.
 */
async function traces(people: readonly { identity: string; email: string }[]): Promise<string[]> {
  const found: string[] = []
  const places: [string, string][] = []
  for (const { name } of await world.db.listCollections().toArray())
    places.push([name, JSON.stringify(await world.db.collection(name).find().toArray())])
  for await (const run of world.temporal.workflow.list()) {
    // The run of the deletion itself, which stays for Temporal's retention, as documented.
    if (run.type === 'deleteUser') continue
    const history = await world.temporal.workflow.getHandle(run.workflowId, run.runId).fetchHistory()
    places.push([`run ${run.workflowId}`, `${run.workflowId} ${decodedText(history)}`])
  }
  for (const { identity, email } of people) {
    const needles = [identity, JSON.stringify(identity).slice(1, -1), world.idOf(identity), email]
    for (const [place, text] of places)
      if (needles.some((needle) => text.includes(needle))) found.push(`${identity} in ${place}`)
    if ((await pdsAdmin(world.env).accountsOf(email)).length > 0) found.push(`${identity} has an account`)
  }
  return found
}

/** A history as text, payloads read as UTF-8. */
function decodedText(history: unknown): string {
  return JSON.stringify(history, (_key, value: unknown) =>
    value instanceof Uint8Array
      ? Buffer.from(value).toString('utf8')
      : typeof value === 'bigint'
        ? String(value)
        : value,
  )
}
