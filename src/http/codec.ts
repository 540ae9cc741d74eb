import type { Payload, PayloadCodec } from '@temporalio/common'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { z } from 'zod'
import type { Reveals } from '../adapters/mongo/reveals.ts'
import type { Sections } from '../config.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { keysUsed } from '../payloads/codec.ts'
import { markedPayload, unmarkedPayload } from '../payloads/converters.ts'
import { sameSecret } from './secret.ts'

/** A page of a history, as the UI sends it, is at most a few payloads of at most 2 MiB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

const Body = z.object({
  payloads: z.array(
    z.object({
      metadata: z.record(z.string(), z.base64()).optional(),
      data: z.base64().optional(),
    }),
  ),
})
type WirePayload = z.infer<typeof Body>['payloads'][number]

export interface CodecDeps {
  readonly codec: PayloadCodec
  readonly reveals: Reveals
  readonly operator: Sections['operator']
  /** `TEMPORAL_UI_URL`: the one page that may ask from a browser. */
  readonly uiUrl: string | null
}

/**
 * `POST /codec/{encode,decode}`, Temporal's protocol for remote codecs: its UI, and the `temporal` command with
 * `--codec-endpoint`, show what is sealed by asking here. A decode is recorded before it is answered.
 */
export function codecEndpoint({ codec, reveals, operator, uiUrl }: CodecDeps): Hono {
  const app = new Hono()
  const uiOrigin = uiUrl === null ? null : new URL(uiUrl).origin

  app.use(
    cors({
      origin: (origin) => (origin === uiOrigin ? origin : null),
      allowMethods: ['POST'],
      allowHeaders: ['content-type', 'authorization', 'x-namespace'],
      credentials: true,
      maxAge: 600,
    }),
  )
  app.use(async (c, next) => {
    if (operator.codec === 'token') {
      if (!sameSecret(c.req.header('authorization'), `Bearer ${operator.token}`))
        return c.json({ error: 'the operator token is needed: authorization: Bearer …' }, 401)
    } else {
      // Open on this machine alone; a page of somebody else's in a browser here is not this machine's.
      const origin = c.req.header('origin')
      if (origin !== undefined && origin !== uiOrigin)
        return c.json({ error: 'this origin may not ask' }, 403)
    }
    return next()
  })
  app.use(
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => c.json({ error: 'the body is over 16 MiB' }, 413) }),
  )

  app.post('/encode', (c) => withPayloads(c, async (payloads) => codec.encode(payloads.map(markedPayload))))
  app.post('/decode', (c) =>
    withPayloads(c, async (payloads) => {
      const opened = await Promise.all(payloads.map(open))
      const shown = payloads.filter((_, index) => opened[index] !== null)
      const keyIds = keysUsed(shown)
      if (keyIds.length > 0) {
        const caller =
          operator.codec === 'token' ? 'codec endpoint, by token' : 'codec endpoint, on this machine'
        await reveals.record({ kind: 'payload', keyIds, count: shown.length, caller, reason: null })
      }
      return payloads.map((payload, index) => opened[index] ?? payload)
    }),
  )
  app.onError((error, c) => {
    if (!(error instanceof OutsideError)) throw error
    return c.json({ error: `not shown, since it could not be recorded: ${error.message}` }, 503)
  })
  return app

  /** Null for what is not sealed, and for what no key of ours opens: it stays as it came, beside the others. */
  async function open(payload: Payload): Promise<Payload | null> {
    if (keysUsed([payload]).length === 0) return null
    try {
      const [opened] = await codec.decode([payload])
      return opened === undefined ? null : unmarkedPayload(opened)
    } catch (error) {
      if (error instanceof OutsideError && error.problem === 'seal-broken') return null
      throw error
    }
  }
}

async function withPayloads(
  c: Context,
  work: (payloads: Payload[]) => Promise<Payload[]>,
): Promise<Response> {
  const body = Body.safeParse(await c.req.json().catch(() => null)) // no JSON is no such body either
  if (!body.success) return c.json({ error: 'the body has to be {"payloads": [{"metadata", "data"}]}' }, 400)
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
