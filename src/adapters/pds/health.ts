import { OutsideError } from '../../domain/outside-error.ts'
import { boundedFetch } from '../bounded-fetch.ts'

const ANSWER_MS = 5_000

/** The PDS's own health call, which needs no password. Throws `pds-unreachable` where it is not answered. */
export async function checkPdsHealth(url: string): Promise<void> {
  const answer = await boundedFetch(new URL('/xrpc/_health', url), {
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((cause: unknown) => {
    throw new OutsideError('pds-unreachable', 'the PDS does not answer its health call', { cause })
  })
  if (answer.status >= 500)
    throw new OutsideError('pds-unreachable', `the PDS answers its health call with HTTP ${answer.status}`)
}
