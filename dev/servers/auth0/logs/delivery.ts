import type { Faults } from '../faults.ts'
import { passes } from './filters.ts'
import type { DeliveryOptions, StreamQueue, StreamHealth } from './stream-queue.ts'
import { createStreamQueue } from './stream-queue.ts'
import { createTimers } from '../timers.ts'
import type { Log, LogStream } from '../types.ts'

export interface Delivery {
  offer(log: Log): void
  /** Starts, changes or stops the delivery to a stream; `backlog` are the logs that it has not delivered yet. */
  follow(stream: LogStream, backlog?: readonly Log[]): void
  forget(id: string): void
  health(id: string): StreamHealth | undefined
  stop(): Promise<void>
}

export interface DeliveryDeps {
  faults: Faults
  options: DeliveryOptions
  now: () => Date
  onDrained: (stream: LogStream) => void
  onUnreachable: (stream: LogStream) => void
}

/**
 * Hands each new log to the streams whose filters match. A stream that is not active receives nothing and queues
 * nothing.
 */
export function createDelivery({ faults, options, now, onDrained, onUnreachable }: DeliveryDeps): Delivery {
  const timers = createTimers()
  const followed = new Map<string, { stream: LogStream; lane: StreamQueue }>()
  faults.onChange(() => followed.forEach(({ lane }) => lane.wake()))

  function start(stream: LogStream) {
    const current = () => followed.get(stream.id)?.stream ?? stream
    const lane = createStreamQueue({
      stream: current,
      faults,
      timers,
      options,
      now,
      onDrained: () => onDrained(current()),
      onUnreachable: () => onUnreachable(current()),
    })
    return { stream, lane }
  }

  return {
    offer(log) {
      for (const { stream, lane } of followed.values()) {
        if (stream.status === 'active' && passes(stream.filters, log.type)) lane.offer(log)
      }
    },
    follow(stream, backlog = []) {
      const known = followed.get(stream.id) ?? start(stream)
      known.stream = stream
      followed.set(stream.id, known)
      if (stream.status !== 'active') known.lane.drop()
      else for (const log of backlog) if (passes(stream.filters, log.type)) known.lane.offer(log)
    },
    forget(id) {
      followed.get(id)?.lane.drop()
      followed.delete(id)
    },
    health: (id) => followed.get(id)?.lane.health(),
    async stop() {
      timers.stop()
      await Promise.all(Array.from(followed.values(), ({ lane }) => lane.idle()))
    },
  }
}
