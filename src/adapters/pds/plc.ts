import { z } from 'zod'
import { OutsideError } from '../../domain/outside-error.ts'
import { AnswerTooLongError, boundedFetch } from '../bounded-fetch.ts'

const ANSWER_MS = 10_000

/** One operation of a DID's log, limited to the keys that may change the DID. */
const operations = z.array(
  z.object({ operation: z.object({ rotationKeys: z.array(z.string()).optional() }) }),
)

/** A directory of DIDs. */
export interface Plc {
  /**
   * Every key that an operation of this DID ever named as one that may change it, including undone operations: for 72
   * hours a removed key can restore itself. Null where the directory does not know the DID, or one of its operations
   * has another form. Fails with `plc-unreachable` where it does not answer.
   */
  rotationKeys(did: string): Promise<readonly string[] | null>
}

export function createPlc(url: string, signal: () => AbortSignal | undefined = () => undefined): Plc {
  return {
    async rotationKeys(did) {
      if (!did.startsWith('did:plc:')) return null
      const answer = await get(`${url}/${encodeURIComponent(did)}/log/audit`, signal())
      if (answer === null) return null
      const log = operations.safeParse(answer)
      if (!log.success || log.data.length === 0) return null
      const keys = log.data.map(({ operation }) => operation.rotationKeys)
      return keys.includes(undefined) ? null : [...new Set(keys.flatMap((named) => named ?? []))]
    },
  }
}

/** Null for a DID that is unknown to the directory, or tombstoned. */
async function get(url: string, signal: AbortSignal | undefined): Promise<unknown> {
  const limits = [AbortSignal.timeout(ANSWER_MS), signal].filter((limit) => limit !== undefined)
  try {
    const answer = await boundedFetch(url, { signal: AbortSignal.any(limits) })
    if (answer.ok) return await answer.json()
    if (answer.status === 404 || answer.status === 410) return null
    throw new OutsideError('plc-unreachable', `the PLC directory answers HTTP ${answer.status}`)
  } catch (cause) {
    if (cause instanceof OutsideError) throw cause
    const why = cause instanceof AnswerTooLongError ? cause.message : 'it does not answer'
    throw new OutsideError('plc-unreachable', `the PLC directory: ${why}`, { cause })
  }
}
