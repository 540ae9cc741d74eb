import type { Payload } from '@temporalio/common'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { z } from 'zod'
import type { Sections } from '../config.ts'
import { operatorOf } from '../config/operators.ts'
import type { Actor } from '../contracts/actions.ts'
import { mayAct, type OperatorRole } from '../domain/operators.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { OpenedPayload, SealingCodec } from '../payloads/codec.ts'
import { tagPayload, untagPayload } from '../payloads/converters.ts'
import { identitiesIn } from '../payloads/identities.ts'
import type { ActionLog } from '../state/ports/actions.ts'

/** One page of a history in the UI is at most a few payloads of at most 2 MiB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/** People named in one record: a line of it has to fit a document of MongoDB. Beyond this it has their number. */
const MOST_SUBJECTS = 10_000

const Body = z.object({
  payloads: z.array(
    z.object({
      metadata: z.record(z.string(), z.base64()).optional(),
      data: z.base64().optional(),
    }),
  ),
})
type WirePayload = z.infer<typeof Body>['payloads'][number]

interface CodecEnv {
  Variables: { by: Actor & { readonly role: OperatorRole } }
}

export interface CodecDeps {
  readonly codec: SealingCodec
  readonly actions: Pick<ActionLog, 'begin' | 'end'>
  readonly operator: Sections['operator']
  /** `TEMPORAL_UI_URL`: the only page that may call from a browser. */
  readonly uiUrl: string | null
  /** Hashes the people whose payloads are shown, for the record. */
  readonly hash: (identity: string) => string
}

/**
 * `POST /codec/{encode,decode}`, Temporal's protocol for remote codecs: its UI, and the `temporal` command with
 * `--codec-endpoint`, use it to show sealed payloads. A decode is recorded before it is answered.
 */
export function codecEndpoint({ codec, actions, operator, uiUrl, hash }: CodecDeps): Hono<CodecEnv> {
  const app = new Hono<CodecEnv>()
  const uiOrigin = uiUrl === null ? null : new URL(uiUrl).origin

  app.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
  })
  app.use(
    cors({
      origin: (origin) => (isUi(origin) ? origin : null),
      allowMethods: ['POST'],
      allowHeaders: ['content-type', 'authorization', 'x-namespace'],
      credentials: true,
      maxAge: 600,
    }),
  )
  app.use(async (c, next) => {
    // A proxy may add the token to any request of a browser, so the origin is checked in both modes.
    const origin = c.req.header('origin')
    if (origin !== undefined && !isUi(origin)) return c.json({ error: 'this origin is not allowed' }, 403)
    const by = callerOf(c.req.header('authorization'))
    if (by === null) return c.json({ error: 'an operator token is required: authorization: Bearer …' }, 401)
    c.set('by', by)
    // A form of another page can send text/plain without a preflight, but not JSON.
    if (!/^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? ''))
      return c.json({ error: 'the content type must be application/json' }, 415)
    return next()
  })
  app.use(
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => c.json({ error: 'the body is over 16 MiB' }, 413) }),
  )

  app.post('/encode', (c) => withPayloads(c, async (payloads) => codec.encode(payloads.map(tagPayload))))
  app.post('/decode', async (c) => {
    const { role, ...by } = c.get('by')
    if (!mayAct(role, 'show'))
      return c.json({ error: `the role ${role} of ${by.name} may not decrypt values` }, 403)
    return withPayloads(c, async (payloads) => {
      const opened = payloads.map(open)
      const keyIds = opened.flatMap((one) => one?.keyIds ?? [])
      if (keyIds.length > 0) await record(by, opened, keyIds)
      return payloads.map((payload, index) => opened[index]?.payload ?? payload)
    })
  })
  app.onError((error, c) => {
    // Deeply nested values overflow the call stack.
    if (error instanceof RangeError) return c.json({ error: 'a payload is nested too deeply' }, 400)
    if (error instanceof SyntaxError)
      return c.json({ error: 'a payload is marked as JSON but is not JSON' }, 400)
    if (!(error instanceof OutsideError)) throw error
    return c.json({ error: `not shown, because it could not be recorded: ${error.message}` }, 503)
  })
  return app

  /**
   * A sandboxed page has the origin `null`, which is never accepted, even where TEMPORAL_UI_URL has no origin of its
   * own.
   */
  function isUi(origin: string): boolean {
    return origin !== 'null' && origin === uiOrigin
  }

  function callerOf(authorization: string | undefined): CodecEnv['Variables']['by'] | null {
    if (operator.codec === 'open')
      return { name: 'this machine', role: 'admin', verified: false, via: 'codec' }
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? []
    const found = token === undefined ? null : operatorOf(operator.operators, token)
    return found === null ? null : { name: found.name, role: found.role, verified: true, via: 'codec' }
  }

  async function record(
    by: Actor,
    opened: readonly (OpenedPayload | null)[],
    keyIds: readonly string[],
  ): Promise<void> {
    const shown = opened.filter((one) => one !== null && one.keyIds.length > 0)
    const people = [...new Set(shown.flatMap((one) => identitiesIn(one?.payload)))]
    const id = await actions.begin({
      system: null,
      name: 'decode',
      kind: 'show',
      subjects: people.slice(0, MOST_SUBJECTS).map(hash),
      scope: `payloads: ${shown.length}${people.length > MOST_SUBJECTS ? `, people: ${people.length}` : ''}`,
      reason: null,
      by,
    })
    await actions.end(id, {
      outcome: 'shown',
      keyIds: [...new Set(keyIds)],
      count: keyIds.length,
      error: null,
    })
  }

  /**
   * Null for a payload that is not sealed, that none of our keys decrypts, or that is too deep to be walked: it is
   * returned unchanged beside the others.
   */
  function open(payload: Payload): OpenedPayload | null {
    try {
      const { payload: opened, keyIds } = codec.open(payload)
      return keyIds.length === 0 ? null : { payload: untagPayload(opened), keyIds }
    } catch (error) {
      if (error instanceof OutsideError && error.problem === 'seal-broken') return null
      if (error instanceof RangeError) return null // deeply nested values overflow the call stack
      throw error
    }
  }
}

async function withPayloads(
  c: Context,
  work: (payloads: Payload[]) => Promise<Payload[]>,
): Promise<Response> {
  const body = Body.safeParse(await c.req.json().catch(() => null)) // a body that is not JSON is not valid either
  if (!body.success) return c.json({ error: 'the body must be {"payloads": [{"metadata", "data"}]}' }, 400)
  return c.json({ payloads: (await work(body.data.payloads.map(fromWire))).map(toWire) })
}

function fromWire({ metadata = {}, data }: WirePayload): Payload {
  return { metadata: mapValues(metadata, bytes), ...(data === undefined ? {} : { data: bytes(data) }) }
}

function toWire({ metadata, data }: Payload): WirePayload {
  return { metadata: mapValues(metadata ?? {}, base64), ...(data ? { data: base64(data) } : {}) }
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64')
const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64')

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
