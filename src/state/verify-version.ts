import { setTimeout as sleep } from 'node:timers/promises'
import { OutsideError } from '../domain/outside-error.ts'
import type { OpenState } from './open.ts'

const AGAIN_MS = 5_000

export interface VersionWatch {
  /** Rejects once the database answers with tables of another version; ends with `stop`. */
  readonly ended: Promise<void>
  stop(): void
}

/**
 * Verifies that the database has the tables of this version. Throws the reason where it answers that it has not. While it
 * does not answer, the process starts all the same, as an unavailable database is a problem of the calls that need it,
 * and the version is verified once the database answers.
 */
export async function verifyVersion(
  { assertVersion }: Pick<OpenState, 'assertVersion'>,
  warn: (error: unknown, what: string) => void,
): Promise<VersionWatch> {
  const stopping = new AbortController()
  const isVerified = async (): Promise<boolean> => {
    try {
      await assertVersion()
      return true
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      warn(error, 'the version of the tables of the state is unknown: retrying')
      return false
    }
  }
  const untilVerified = async (): Promise<void> => {
    do
      await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => {}) // aborted by `stop`
    while (!stopping.signal.aborted && !(await isVerified()))
  }
  const verified = await isVerified()
  const ended = verified ? Promise.resolve() : untilVerified()
  ended.catch(() => {}) // it may reject before anybody waits for it, while the process is still starting
  return { ended, stop: () => stopping.abort() }
}
