import type { ChannelName } from '../../contracts/alert-channels.ts'
import type { AlertMessage } from '../../contracts/alerts.ts'
import type { QueuedAlert } from '../../state/ports/alerts.ts'

/** One way in which alerts reach people or programs. */
export interface AlertChannel {
  readonly name: ChannelName
  /** The variable that configures it, by which its errors name it. */
  readonly variable: string
  /** The number of messages that it takes in one call. */
  readonly most: number
  /** Longer than `send` takes, in milliseconds: after this time another process may send the messages. */
  readonly leaseMs: number
  /**
   * Sends these messages, of which there are 1 to `most`, as one, and returns the channel's answer. Rejects, with a
   * reason fit for an operator that contains no secret, when they were not accepted.
   */
  send(messages: readonly QueuedAlert[]): Promise<string>
}

/** An alert as JSON for other programs. */
export interface PostedAlert extends AlertMessage {
  /** The page that explains the alert. */
  readonly more: string
}

/** Of a channel that posts one message. */
export const POST_LEASE_MS = 30_000
/** Less than `POST_LEASE_MS`. */
const ANSWER_MS = 10_000

export interface Posting {
  readonly variable: string
  readonly url: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Posts JSON; any 2xx answer accepts it. Returns the answer's status and the beginning of its text. The address may
 * contain a token, so no error repeats it.
 */
export async function postJson({ variable, url, body, headers = {} }: Posting): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((cause: unknown) => {
    const reason =
      cause instanceof Error && cause.name === 'TimeoutError'
        ? 'no answer in time'
        : 'no connection, or a redirect, which is not followed'
    throw new Error(`${variable}: ${reason}`, { cause })
  })
  const text = await beginningOf(answer)
  if (!answer.ok) throw new Error(`${variable} answers HTTP ${answer.status}`)
  return text === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${text}`
}

const MOST_SHOWN = 200
const MOST_READ = 4_096

/** The first line of a short answer; the rest is not read. An answer that breaks off was accepted all the same. */
async function beginningOf(answer: Response): Promise<string> {
  if (answer.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MOST_READ) break
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return (text.split('\n')[0] ?? '')
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .trim()
    .slice(0, MOST_SHOWN)
}
