import type { Server } from 'node:http'

/** Printed when a server listens, so that its parent knows that this process is the one answering on the port. */
export const LISTENING = 'holdfast: listening'

/** Makes an Express application listen on 127.0.0.1 only; by default both servers listen on all addresses. */
export function loopbackOnly(app: { listen(port: number, host: string): Server }): void {
  const listen = app.listen.bind(app)
  Object.assign(app, { listen: (port: number) => listen(port, '127.0.0.1') })
}
