import type { Faults } from './faults.ts'
import { passes } from './filters.ts'
import type { DeliveryOptions, Lane, StreamHealth } from './lane.ts'
import { createLane } from './lane.ts'
import { createTimers } from './timers.ts'
import type { Log, LogStream } from './types.ts'

export interface Delivery {
  offer(log: Log): void
  /** Starts, changes or ends what a stream delivers; `backlog` are logs it still owes. */
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

/** Hands every new log to the streams that want it. A stream that is not active gets nothing and keeps nothing. */
export function createDelivery({ faults, options, now, onDrained, onUnreachable }: DeliveryDeps): Delivery {
  const timers = createTimers()
  const followed = new Map<string, { stream: LogStream; lane: Lane }>()
  faults.onChange(() => followed.forEach(({ lane }) => lane.wake()))

  function start(stream: LogStream) {
    const current = () => followed.get(stream.id)?.stream ?? stream
    const lane = createLane({
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
