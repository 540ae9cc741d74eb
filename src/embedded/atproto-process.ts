import type { Server } from 'node:http'

/** Printed when a server listens, so that its parent knows it is this process that answers on the port. */
export const LISTENING = 'holdfast: listening'

/** Makes an Express application listen on 127.0.0.1 only; both servers would take every address. */
export function loopbackOnly(app: { listen(port: number, host: string): Server }): void {
  const listen = app.listen.bind(app)
  Object.assign(app, { listen: (port: number) => listen(port, '127.0.0.1') })
}
