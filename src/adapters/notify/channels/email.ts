import { createTransport } from 'nodemailer'
import type { AlertMessage } from '../../../contracts/alerts.ts'
import { headlineOf, partsOf } from '../text.ts'
import type { AlertChannel } from '../channel.ts'

export interface EmailOptions {
  /** `email`, or `oncall` for the person on call. */
  readonly name: 'email' | 'oncall'
  readonly smtpUrl: string
  readonly from: string
  readonly to: readonly string[]
  /** Milliseconds after which a session is cut off. */
  readonly sendMs?: number
}

const MOST_ALERTS = 20
const LEASE_MS = 180_000
/** For all of a session; the other times are for one silence. A session that is not over by then is cut off. */
const SEND_MS = 150_000
const TIMEOUTS = {
  connectionTimeout: 8_000,
  greetingTimeout: 8_000,
  socketTimeout: 12_000,
  socketCloseTimeout: 0,
} as const

/** E-mail by SMTP, as text and as HTML. Alerts that wait together are one message. Every attempt connects anew. */
export function createEmailChannel(
  { name, smtpUrl, from, to, sendMs = SEND_MS }: EmailOptions,
  docsUrl: string,
): AlertChannel {
  const variable = 'SMTP_URL'
  return {
    name,
    variable,
    most: MOST_ALERTS,
    leaseMs: LEASE_MS,
    async send(queued) {
      const messages = queued.map(({ message }) => message)
      const transport = createTransport({
        url: smtpUrl, // its parameters override the rest
        requireTLS: sendsPassword(smtpUrl),
        ...TIMEOUTS,
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      try {
        const { response, rejected } = await transport.sendMail({
          signal: AbortSignal.timeout(sendMs),
          from,
          to: [...to],
          subject: `[Holdfast] ${headlineOf(messages)}`,
          text: messages.map((message) => textOf(message, docsUrl)).join('\n\n'),
          html: messages.map((message) => htmlOf(message, docsUrl)).join('<hr>'),
          headers: { 'Auto-Submitted': 'auto-generated' },
        })
        return rejected.length === 0 ? response : `${response}; ${rejected.length} recipients were refused`
      } catch (cause) {
        throw new Error(`${variable}: ${reasonOf(cause)}`, { cause })
      } finally {
        transport.close()
      }
    },
  }
}

/** Whether a password would cross a network in clear text if the server, or an attacker, offered no STARTTLS. */
function sendsPassword(smtpUrl: string): boolean {
  const { protocol, username, hostname } = new URL(smtpUrl)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname)
  return protocol === 'smtp:' && username !== '' && !isLoopback
}

/** The server's answer, or the kind of failure. It repeats no password. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  if (code === 'EABORT') return 'not accepted in time'
  const answer =
    'responseCode' in error && typeof error.responseCode === 'number' ? ` ${error.responseCode}` : ''
  return `${code}${answer}`
}

function textOf(message: AlertMessage, docsUrl: string): string {
  const { title, sentences, facts, fix, more } = partsOf(message, docsUrl)
  return [title, ...sentences, facts, ...(fix === null ? [] : [`What to do: ${fix}`]), `More: ${more}`].join(
    '\n',
  )
}

function htmlOf(message: AlertMessage, docsUrl: string): string {
  const { title, sentences, facts, fix, more } = partsOf(message, docsUrl)
  const link = URL.canParse(more) ? `<a href="${escaped(more)}">${escaped(more)}</a>` : escaped(more)
  return [
    `<h3>${escaped(title)}</h3>`,
    ...sentences.map((sentence) => `<p>${escaped(sentence)}</p>`),
    `<p>${escaped(facts)}</p>`,
    ...(fix === null ? [] : [`<p><b>What to do:</b> ${escaped(fix)}</p>`]),
    `<p>More: ${link}</p>`,
  ].join('\n')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
