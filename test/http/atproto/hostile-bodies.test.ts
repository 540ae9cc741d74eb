import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../../../dev/servers/holdfast-process.ts'
import { freePort } from '../../../dev/servers/lib/ports.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import type { EmbeddedServer } from '../../../dev/servers/lib/server.ts'
import { entriesOf, entry, FORMATS } from '../../support/log-entries.ts'
import { newPerson } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let server: EmbeddedServer
let logDir = ''
let url = ''
beforeAll(async () => {
  world = await openWorld()
  logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-hostile-'))
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  server = await startServer({
    env: { ...world.env, HOST: '127.0.0.1', PORT: String(port), HOLDFAST_URL: url },
    logDir,
    progress,
  })
})
afterAll(async () => {
  await server.stop()
  await rm(logDir, { recursive: true })
})

interface Kept {
  _id: string
  reason: string
  original?: { bytes: number }
}
const kept = () => world.db.collection<Kept>('holdfast_quarantine')
beforeEach(async () => {
  await kept().deleteMany({})
  await world.db.collection('holdfast_quarantine_days').deleteMany({})
})

/** On a new connection: one from a pool may have been closed while the body was built here. */
function post(body: string | Uint8Array): Promise<{ status: number | undefined; body: unknown }> {
  const headers = { authorization: world.env['AUTH0_AESTHETIC_LOG_TOKEN'] ?? '' }
  return new Promise((resolve, reject) => {
    const asking = request(
      `${url}/webhooks/auth0/aesthetic`,
      { method: 'POST', headers, agent: false },
      (answer) => {
        json(answer).then((read) => resolve({ status: answer.statusCode, body: read }), reject)
      },
    )
    asking.on('error', reject).end(body)
  })
}

const SIZE = 8 * 1024 * 1024
const filled = (unit: string, before = '[', after = ']', size = SIZE): string => {
  const count = Math.floor((size - before.length - after.length) / (unit.length + 1))
  return before + Array.from({ length: count }, () => unit).join(',') + after
}
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

/** Bodies of 8 MiB, each the worst of its kind. */
const WORST: [string, () => string | Uint8Array, object][] = [
  ['empty objects, 2.8 million', () => filled('{}'), { status: 413 }],
  ['texts, 1.7 million', () => filled('"0"'), { status: 413 }],
  ['forged signups, 255,000', () => filled('{"type":"ss","user_id":"a|0"}'), { status: 413 }],
  ['an empty line after the other', () => '{}\n'.repeat(SIZE / 3), { status: 413 }],
  ['brackets that are never closed', () => '['.repeat(SIZE), { status: 400 }],
  ['objects that are never closed', () => '{"a":'.repeat(SIZE / 5), { status: 400 }],
  ['one value, four million levels deep', () => nested(SIZE / 2), { status: 200, body: { quarantined: 1 } }],
  ['one text of 8 MiB', () => `[{"type":"ss","x":"${'a'.repeat(SIZE - 30)}"}]`, { body: { quarantined: 1 } }],
  ['one line that is not UTF-8', () => new Uint8Array(SIZE).fill(0xff), { status: 400 }],
  [
    'five thousand deep entries',
    () => filled(`{"type":"ss","x":${nested(900)}}`),
    { status: 200, body: { accepted: 0, ignored: 0, duplicates: 0 } },
  ],
  [
    'entries of 256 KiB, each made of 87,000 empty objects',
    () =>
      `[${Array.from({ length: 32 }, (_, n) => filled('{}', `{"type":"f","log_id":"${n}","x":[`, ']}', SIZE / 32 - 40)).join(',')}]`,
    { status: 200, body: { accepted: 0, duplicates: 0, ignored: 32, quarantined: 0 } },
  ],
]

describe('E14: with the heap it is shipped with, the server', () => {
  it.each(WORST)('survives 8 MiB of %s', async (_, body, answer) => {
    expect(await post(body())).toMatchObject(answer)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('survives all of them at once, answers /healthz meanwhile, and takes the next delivery', async () => {
    const bodies = WORST.map(([, body]) => body())
    let open = bodies.length
    const reading = Promise.all(bodies.map((body) => post(body).finally(() => (open -= 1))))
    let meanwhile = 0
    while (open > 0) {
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      if (open > 0) meanwhile += 1
    }
    expect(meanwhile).toBeGreaterThan(0)
    const answers = await reading
    for (const [index, [, , answer]] of WORST.entries()) expect(answers[index]).toMatchObject(answer)
    const { identity } = await newPerson(world, { verified: false })
    expect(await post(FORMATS.JSONARRAY(entriesOf(world, identity)))).toMatchObject({ body: { accepted: 1 } })
  })
})

describe.each(Object.entries(FORMATS))('E14: in %s', (_, format) => {
  const deep = '{"type":"ss","details":DEEP}'
  const BAD: [string, string, string][] = [
    ['100,000 levels deep', deep.replace('DEEP', nested(100_000)), 'more than 64 levels deep'],
    ['3 MiB long', `{"type":"ss","x":"${'ü'.repeat(SIZE / 5)}"}`, 'longer than 256 KiB'],
    [
      'of 6 MiB that are not UTF-8',
      `{"type":"ss","x":"${'\u00FF'.repeat(SIZE / 4)}"}`,
      'longer than 256 KiB',
    ],
    ['not UTF-8 in one byte', '{"type":"ss","x":"\u00FF"}', 'not UTF-8'],
  ]

  it.each(BAD)(
    'an entry that is %s is quarantined in part, and its neighbours are taken',
    async (name, bad, reason) => {
      const [one, other] = [
        await newPerson(world, { verified: false }),
        await newPerson(world, { verified: false }),
      ]
      const good = [one, other].flatMap(({ identity }) => entriesOf(world, identity, 'ss'))
      const mark = entry({ type: 'mark' })
      const body = format([good[0], mark, good[1]])
      const encode = (text: string) => Buffer.from(text, name.includes('UTF-8') ? 'latin1' : 'utf8')
      const [before = '', after = ''] = body.split(JSON.stringify(mark))
      const bytes = Uint8Array.from(Buffer.concat([encode(before), encode(bad), encode(after)]))
      expect(await post(bytes)).toEqual({
        status: 200,
        body: { accepted: 2, duplicates: 0, ignored: 0, quarantined: 1 },
      })
      const [stored, ...more] = await kept().find().toArray()
      expect(more).toEqual([])
      expect(stored).toMatchObject({ reason, original: { bytes: encode(bad).length } })
      expect(JSON.stringify(stored).length).toBeLessThan(300_000)
    },
  )
})
