import { setImmediate as turn } from 'node:timers/promises'
import type { SeenEvents } from '../adapters/mongo/seen-events.ts'
import { OutsideError } from '../domain/outside-error.ts'
import type { Logger } from '../logging.ts'

/** Tells repeated events from new ones. Nothing depends on it but what a repetition costs. */
export interface Duplicates {
  /**
   * Those of the ids whose events are known to be durable. Null where the database could not be asked: then nothing is
   * a duplicate, since telling twice is harmless and signups need not wait, and nothing is noted either.
   */
  known(tenant: string, ids: readonly string[]): Promise<ReadonlySet<string> | null>
  /**
   * Notes ids whose events are durable. They are known in this process at once; they are written behind the answer to
   * whoever brought them, and what is lost of that is told once more.
   */
  note(tenant: string, ids: readonly string[]): void
  /** Resolves when all that was to be noted so far is written, or the log says that it is not. */
  settled(): Promise<void>
}

export function createDuplicates(seen: SeenEvents, logger: Pick<Logger, 'warn'>): Duplicates {
  const unwritten = new Set<string>()
  const writing = new Set<Promise<void>>()

  const write = async (tenant: string, ids: readonly string[]): Promise<void> => {
    await turn() // preparing a write takes time too: whoever waits for an answer gets it first
    try {
      await seen.note(tenant, ids)
    } catch (error) {
      logger.warn({ err: error }, 'not noted as taken: if it comes again, it is passed on again')
    }
    for (const id of ids) unwritten.delete(keyOf(tenant, id))
  }

  return {
    async known(tenant, ids) {
      // Looked at before the database is asked: what is written meanwhile, the answer may have missed.
      const ours = new Set(ids.filter((id) => unwritten.has(keyOf(tenant, id))))
      try {
        const written = await seen.known(
          tenant,
          ids.filter((id) => !ours.has(id)),
        )
        return new Set([...ours, ...written])
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        logger.warn({ err: error }, 'duplicates are not told apart: every event is passed on')
        return null
      }
    },

    note(tenant, ids) {
      for (const id of ids) unwritten.add(keyOf(tenant, id))
      const written = write(tenant, ids)
      writing.add(written)
      void written.then(() => writing.delete(written))
    },

    async settled() {
      await Promise.all(writing)
    },
  }
}

function keyOf(tenant: string, id: string): string {
  return `${tenant}/${id}`
}
