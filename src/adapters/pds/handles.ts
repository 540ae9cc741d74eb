import { OutsideError } from '../../domain/outside-error.ts'
import { handleUnder } from '../../domain/atproto/handle.ts'
import { createPdsReader } from './reader.ts'

/** The time-out in milliseconds: the records of a signup wait no longer for this query. */
const ANSWER_MS = 1_000
/** After a failure the PDS is not queried for this time. */
const PAUSE_AFTER_FAILURE_MS = 30_000

export interface PdsHandles {
  /**
   * Whether a user code is the handle of an account on the PDS. False where the PDS does not answer at once: records
   * are also created while the PDS is unavailable, and codes that audits found there are reserved in `holdfast_codes`
   * anyway.
   */
  isHandle(code: string): Promise<boolean>
}

export function createPdsHandles(
  pds: { url: string; adminPassword: string; handleDomain: string },
  now: () => number = Date.now,
): PdsHandles {
  const look = createPdsReader(pds, () => AbortSignal.timeout(ANSWER_MS))
  let askedAgainAt = 0
  return {
    async isHandle(code) {
      if (now() < askedAgainAt) return false
      try {
        return (await look.accountByHandle(handleUnder(code, pds.handleDomain))) !== null
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        askedAgainAt = now() + PAUSE_AFTER_FAILURE_MS
        return false
      }
    },
  }
}
