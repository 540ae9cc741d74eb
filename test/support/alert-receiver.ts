import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { AlertMessage } from '../../src/contracts/alerts.ts'
import { atEnd } from './at-end.ts'

export interface AlertReceiver {
  readonly url: string
  readonly messages: AlertMessage[]
  /** The status it answers with from now on; 200 at first. */
  answer(status: number): void
  /** The messages so far, as `name state`. */
  heard(): string[]
}

/** The receiving end of an alert channel; closed at the end of the file. */
export async function openAlertReceiver(): Promise<AlertReceiver> {
  const messages: AlertMessage[] = []
  let status = 200
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const body = await json(request)
      if (status === 200) messages.push(body as AlertMessage)
      response.writeHead(status).end()
    }
    void take()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=of-the-tests`,
    messages,
    answer: (next) => {
      status = next
    },
    heard: () => messages.map(({ name, state }) => `${name} ${state}`),
  }
}
