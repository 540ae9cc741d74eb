import { json } from 'node:stream/consumers'
import type { AlertMessage } from '../../src/contracts/alerts.ts'
import { listenForFile } from './http-receiver.ts'

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
  const url = await listenForFile((request, response) => {
    const take = async (): Promise<void> => {
      const body = await json(request)
      if (status === 200) messages.push(body as AlertMessage)
      response.writeHead(status).end()
    }
    void take()
  })
  return {
    url: `${url}/hook?token=of-the-tests`,
    messages,
    answer: (next) => {
      status = next
    },
    heard: () => messages.map(({ name, state }) => `${name} ${state}`),
  }
}
