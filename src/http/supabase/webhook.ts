import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Intake } from '../../intake/intake.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { rawEntry } from '../../domain/events/split-delivery.ts'
import { closingResponse } from '../closing-response.ts'
import { matchesAny } from '../secret.ts'
import { SIGNATURE_HEADERS, type hookVerifier } from './hook-signature.ts'
import type { RefusedCalls } from './refused-calls.ts'

/** Supabase limits a hook's payload to 200 KB; a row of `auth.users` with its metadata is smaller. */
const MAX_BODY_BYTES = 256 * 1024

export interface SupabaseWebhookDeps {
  readonly tokens: readonly string[]
  readonly isSigned: ReturnType<typeof hookVerifier>
  readonly intake: Pick<Intake, 'take'>
  readonly refused: RefusedCalls
  /** An authenticated call came: catch-up should look soon, and `check` shows when. It never rejects. */
  readonly called: (by: 'webhook' | 'hook') => Promise<void>
  /** Continues after the answer. */
  readonly inBackground: (work: Promise<unknown>) => void
}

/**
 * `POST /webhooks/supabase`. A database webhook shows its token in the header `authorization`. Any other call is taken
 * for an auth hook and answered with 200 `{}` before anything is done with it, whatever it contains and however it is
 * signed: a signup of the product waits for that answer, and must never fail because of Holdfast.
 */
export function supabaseWebhook(deps: SupabaseWebhookDeps): Hono {
  const { tokens, intake, refused, called } = deps
  const app = new Hono()
  app.post(
    '/',
    async (c, next) => {
      const given = c.req.header('authorization')
      if (given === undefined || SIGNATURE_HEADERS.some((name) => c.req.header(name) !== undefined))
        return next()
      if (matchesAny(given.replace(/^Bearer\s+/i, ''), tokens)) return next()
      refused.webhook()
      return closingResponse(c, 'wrong token', 401)
    },
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => (isWebhook(c) ? closingResponse(c, 'the body is over 256 KiB', 413) : c.json({})),
    }),
    async (c) => {
      const body = new Uint8Array(await c.req.arrayBuffer())
      if (!isWebhook(c)) {
        deps.inBackground(takeHook(deps, body, signatureOf(c)))
        return c.json({})
      }
      const { accepted, duplicates, ignored, quarantined } = await intake.take(
        NO_TENANT,
        [rawEntry(body)],
        'live',
      )
      await called('webhook')
      return c.json({ accepted, duplicates, ignored, quarantined })
    },
  )
  return app
}

/** Such a call has passed the comparison of its token. */
function isWebhook(c: Context): boolean {
  return c.req.header('authorization') !== undefined && signatureOf(c) === null
}

function signatureOf(c: Context): Record<string, string> | null {
  const headers = SIGNATURE_HEADERS.flatMap((name) => {
    const value = c.req.header(name)
    return value === undefined ? [] : [[name, value]]
  })
  return headers.length === 0 ? null : (Object.fromEntries(headers) as Record<string, string>)
}

async function takeHook(
  { isSigned, intake, refused, called }: SupabaseWebhookDeps,
  body: Uint8Array,
  signature: Record<string, string> | null,
): Promise<void> {
  if (signature === null || !isSigned(body, signature)) {
    refused.hook()
    return
  }
  await intake.take(NO_TENANT, [rawEntry(body)], 'live')
  await called('hook')
}
