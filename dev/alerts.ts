import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { PostedAlert } from '../src/adapters/notify/channel.ts'
import { printError } from '../src/logging.ts'

export interface AlertPrinter {
  /** The value for `HOLDFAST_ALERT_URL`. */
  readonly url: string
  close(): Promise<void>
}

/** Prints each alert of worker and server as it opens and closes. Alerts arrive over HTTP, as at any alert channel. */
export async function printAlerts(say: (text: string) => void = printError): Promise<AlertPrinter> {
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      say(alertText((await json(request)) as PostedAlert))
      response.writeHead(204).end()
    }
    take().catch((error: unknown) => {
      printError(`An alert could not be read: ${String(error)}`)
      response.writeHead(400).end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function alertText({ name, state, sentence, fix, since, more }: PostedAlert): string {
  if (state === 'closed') return `\nAlert closed: ${name}. It was open since ${since}.`
  return `\nAlert ${state}: ${name}, since ${since}. ${sentence}\nWhat to do: ${fix}\nMore: ${more}`
}
