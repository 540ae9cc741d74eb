import { setImmediate as turn } from 'node:timers/promises'
import { OutsideError } from '../domain/outside-error.ts'
import type { Logger } from '../logging.ts'
import type { SeenEvents } from '../state/ports/seen-events.ts'

/** Recognises repeated events. Only the cost of a repetition depends on it. */
export interface Duplicates {
  /**
   * Those of the ids whose events are known to be durable. Null where the database does not answer: then no event
   * counts as a duplicate, since a repeated notification is harmless and signups need not wait, and no id is recorded
   * either.
   */
  known(tenant: string, ids: readonly string[]): Promise<ReadonlySet<string> | null>
  /**
   * Records ids whose events are durable. This process knows them at once; they are stored after the delivery is
   * answered, and an event whose id is lost by then only reaches Temporal once more.
   */
  record(tenant: string, ids: readonly string[]): void
  /**
   * The same for logins, which are too frequent to be stored: the last 20,000 that this process handled are known. An
   * unknown one costs a query, and has no second effect.
   */
  knownLogins(tenant: string, ids: readonly string[]): ReadonlySet<string>
  recordLogins(tenant: string, ids: readonly string[]): void
  /** Resolves when all ids recorded so far are stored, or the log says that they are not. */
  flush(): Promise<void>
}

const LOGINS = 20_000

export function createDuplicates(seen: SeenEvents, logger: Pick<Logger, 'warn'>): Duplicates {
  const unwritten = new Set<string>()
  const writing = new Set<Promise<void>>()
  const logins = new Set<string>()

  const write = async (tenant: string, ids: readonly string[]): Promise<void> => {
    await turn() // preparing a write takes time too: the pending answer goes first
    try {
      await seen.record(tenant, ids)
    } catch (error) {
      logger.warn(
        { err: error },
        'not recorded as processed: if it is delivered again, it is processed again',
      )
    }
    for (const id of ids) unwritten.delete(keyOf(tenant, id))
  }

  return {
    async known(tenant, ids) {
      // Checked before the database is queried, which may miss ids that are stored meanwhile.
      const ours = new Set(ids.filter((id) => unwritten.has(keyOf(tenant, id))))
      try {
        const written = await seen.known(
          tenant,
          ids.filter((id) => !ours.has(id)),
        )
        return new Set([...ours, ...written])
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        logger.warn({ err: error }, 'duplicates cannot be detected: every event is processed')
        return null
      }
    },

    record(tenant, ids) {
      for (const id of ids) unwritten.add(keyOf(tenant, id))
      const written = write(tenant, ids)
      writing.add(written)
      void written.then(() => writing.delete(written))
    },

    knownLogins: (tenant, ids) => new Set(ids.filter((id) => logins.has(keyOf(tenant, id)))),

    recordLogins(tenant, ids) {
      for (const id of ids) logins.add(keyOf(tenant, id))
      for (const oldest of logins) {
        if (logins.size <= LOGINS) break
        logins.delete(oldest)
      }
    },

    async flush() {
      await Promise.all(writing)
    },
  }
}

function keyOf(tenant: string, id: string): string {
  return `${tenant}/${id}`
}
