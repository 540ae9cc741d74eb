import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { atEnd } from './at-end.ts'

export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface HttpReceiver {
  readonly url: string
  readonly accepted: ReceivedRequest[]
  /** The status it answers with from now on, or `hang` for none at all; 202 at first. Only a 2xx answer accepts. */
  answer(status: number | 'hang'): void
}

/** Listens on this machine until the end of the file; returns the address. */
export async function listenForFile(handle: RequestListener): Promise<string> {
  const server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The receiving end of an HTTP channel of alerts; closed at the end of the file. */
export async function openHttpReceiver(said = ''): Promise<HttpReceiver> {
  const accepted: ReceivedRequest[] = []
  let status: number | 'hang' = 202
  const url = await listenForFile((request, response) => {
    const take = async (): Promise<void> => {
      const body = await text(request)
      if (status === 'hang') return
      if (status < 300) accepted.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(status).end(said)
    }
    void take()
  })
  return {
    url,
    accepted,
    answer: (next) => {
      status = next
    },
  }
}
