import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { atEnd } from './at-end.ts'

export interface ReceivedMail {
  readonly to: readonly string[]
  /** Headers and body as they arrived. */
  readonly raw: string
}

export interface MailReceiver {
  /** The value for `SMTP_URL`. */
  readonly url: string
  readonly mails: ReceivedMail[]
  /** Whether it refuses every mail, with a temporary error, from now on. */
  refuse(refuses: boolean): void
}

/** A real SMTP server that demands a login; closed at the end of the file. */
export async function openMailReceiver(): Promise<MailReceiver> {
  const mails: ReceivedMail[] = []
  let refuses = false
  const server = new SMTPServer({
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    onAuth({ username, password }, _session, done) {
      if (username === 'alerts@example.com' && password === 'p@ss') done(null, { user: username })
      else done(new Error('wrong password'))
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (refuses) {
          done(Object.assign(new Error('try later'), { responseCode: 451 }))
          return
        }
        const to = session.envelope.rcptTo.map(({ address }) => address)
        mails.push({ to, raw: Buffer.concat(chunks).toString('utf8') })
        done(null, 'queued')
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://alerts%40example.com:p%40ss@127.0.0.1:${port}`,
    mails,
    refuse: (next) => {
      refuses = next
    },
  }
}
