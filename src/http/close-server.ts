import type { ServerType } from '@hono/node-server'

/**
 * Resolves when the server has closed: it accepts no new connections, closes idle ones at once, finishes requests in
 * flight within `graceMs`, and then cuts off the rest, such as a request of which only a part has arrived.
 */
export function closeServer(server: ServerType, graceMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // Only an HTTP/2 server, which is never used here, lacks these methods.
    if (!('closeAllConnections' in server)) throw new Error('not a server of HTTP/1.1')
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close((error) => {
      clearTimeout(cut)
      if (error === undefined) resolve()
      else reject(error)
    })
    server.closeIdleConnections()
  })
}
