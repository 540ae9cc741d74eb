import { Context } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import type { Signups } from '../client/signups.ts'
import { NOTHING_READ, type SourceCounts } from '../contracts/catch-up.ts'
import type { PersonUpdate } from '../contracts/intake.ts'
import { limitConcurrency } from '../intake/concurrency-limit.ts'
import { dispatchOne } from '../intake/dispatch.ts'
import { withFailureMapping } from './lib/failures.ts'
import { HEARTBEAT_INTERVAL_MS, withHeartbeat } from './lib/heartbeat.ts'
import type { Cursors } from '../state/ports/cursors.ts'

/** Calls to Temporal in flight for a whole worker, however many chunks wait: these updates are not urgent. */
const CONCURRENT_SIGNALS = 8

/** A part of a source, read and durable at Temporal. */
export interface SourcePart {
  /** Counts of the part; one that is left out is 0. */
  readonly counts: Partial<SourceCounts>
  /** Whether that was the end of the source. */
  readonly caughtUp: boolean
}

/** Reads the next part of a source, passes it on and moves the cursor. `first`: of this run. Safe to repeat. */
export type ReadSource = (place: { readonly tenant: string; readonly first: boolean }) => Promise<SourcePart>

/** A part of a source, and how far the events of its tenant have been read. */
export interface SourceRead {
  readonly counts: SourceCounts
  readonly caughtUp: boolean
  /** The date of the newest event read so far, ISO 8601. */
  readonly readUpTo: string | null
  readonly gap: { readonly from: string; readonly to: string } | null
}

/** The activities of `ingest` and `catchUp`. Each is safe to run twice. */
export interface CatchUpActivities {
  /**
   * Notifies the signups of a chunk, some at a time; the attempt after an interrupted one continues where that one
   * stopped.
   */
  notifySignups(chunk: { tenant: string; news: readonly PersonUpdate[] }): Promise<void>
  /** Reads the next part of one of the system's sources. `first`: of this run. */
  readSource(place: { tenant: string; source: string; first: boolean }): Promise<SourceRead>
}

export interface CatchUpDeps {
  readonly signups: Pick<Signups, 'notify' | 'requestDeletion'>
  readonly cursors: Pick<Cursors, 'load'>
  /** By the names in the system's `SystemWorkflows`. */
  readonly sources: Readonly<Record<string, ReadSource>>
}

export function createCatchUpActivities({ signups, cursors, sources }: CatchUpDeps): CatchUpActivities {
  const paced = limitConcurrency(CONCURRENT_SIGNALS)
  return {
    notifySignups: withFailureMapping(async ({ tenant, news }) => {
      const context = Context.current()
      const { info, cancellationSignal } = context
      let done = Number(info.heartbeatDetails ?? 0)
      const failed: PromiseRejectedResult[] = []
      // Heartbeats by a timer too: with many chunks, or a slow Temporal, the next batch may take long to start.
      const beat = setInterval(() => context.heartbeat(done), HEARTBEAT_INTERVAL_MS)
      try {
        for (let from = done; from < news.length; from += CONCURRENT_SIGNALS) {
          cancellationSignal.throwIfAborted()
          context.heartbeat(done)
          const few = news.slice(from, from + CONCURRENT_SIGNALS)
          const told = await Promise.allSettled(
            few.map((one) => paced(() => dispatchOne(signups, tenant, one, 'bulk'))),
          )
          failed.push(...told.filter((result) => result.status === 'rejected'))
          if (failed.length === 0) done = from + few.length // the next attempt starts at the batch of the first failure
        }
      } finally {
        clearInterval(beat)
      }
      if (failed[0] !== undefined) throw failed[0].reason
    }),

    readSource: withHeartbeat(
      withFailureMapping(async ({ tenant, source, first }) => {
        const read = sources[source]
        if (read === undefined)
          throw ApplicationFailure.nonRetryable(`this worker has no source ${source}`, 'unknown-source')
        const { counts, caughtUp } = await read({ tenant, first })
        const { lastEventAt, gap } = await cursors.load(tenant)
        return {
          counts: { ...NOTHING_READ, ...counts },
          caughtUp,
          readUpTo: lastEventAt?.toISOString() ?? null,
          gap: gap === null ? null : { from: gap.from, to: gap.to },
        }
      }),
    ),
  }
}
