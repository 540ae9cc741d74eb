import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/**
 * The time for which, and the amount up to which, a sender's remaining data is discarded before its connection is
 * closed.
 */
const DISCARD_MS = 1_000
const DISCARD_BYTES = 16 * 1024 * 1024

/**
 * A response that leaves the body unread and closes the connection, which cannot be reused. Closing it while the sender
 * is still sending would reset it, and the sender would lose the response: so the end of the response is delayed,
 * within limits, until the remaining data has been discarded. The response itself is sent at once.
 */
export function closingResponse(c: Context, error: string, status: ContentfulStatusCode): Response {
  const body = new TextEncoder().encode(JSON.stringify({ error }))
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    connection: 'close',
  }
  const incoming = incomingOf(c)
  if (incoming === null) return c.body(body, status, headers)
  const answer = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async start(controller) {
      controller.enqueue(body)
      await discardRest(incoming)
      controller.close()
    },
  })
  return c.body(answer, status, headers)
}

/** The address of the connection's other end; null where the application is called in process. */
export function peerOf(c: Context): string | null {
  return incomingOf(c)?.socket.remoteAddress ?? null
}

/** Null where the application is called in process, without a connection. */
function incomingOf(c: Context): IncomingMessage | null {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage }
  return incoming ?? null
}

/** Resolves when the request has ended, in whatever way, or a limit is reached. Never rejects. */
function discardRest(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    const done = (): void => {
      clearTimeout(limit)
      resolve()
    }
    const limit = setTimeout(done, DISCARD_MS)
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > DISCARD_BYTES) done()
    })
    for (const end of ['end', 'close', 'error']) incoming.once(end, done)
    if (incoming.complete || incoming.destroyed) done()
  })
}
