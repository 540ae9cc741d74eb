import type { Faults } from '../faults.ts'
import { streamBody } from './stream-body.ts'
import type { Timers } from '../timers.ts'
import type { Log, LogStream } from '../types.ts'

/** Times in milliseconds. Auth0 documents none of these intervals, only three tries and seven days. */
export interface DeliveryOptions {
  batchWindowMs: number
  batchSize: number
  backoffMs: number
  repeatMs: number
  timeoutMs: number
  pauseAfterMs: number
}

export const defaultDelivery: DeliveryOptions = {
  batchWindowMs: 50,
  batchSize: 100,
  backoffMs: 50,
  repeatMs: 500,
  timeoutMs: 10_000,
  pauseAfterMs: 7 * 24 * 3_600_000,
}

export interface StreamHealth {
  pending: number
  delivered: number
  /** Deliveries that failed three times and are to be repeated. */
  errors: number
  lastError: string | null
  failingSince: string | null
}

export interface StreamQueue {
  offer(log: Log): void
  /** Reads the faults again and continues with the deliveries they allow. */
  wake(): void
  drop(): void
  health(): StreamHealth
  idle(): Promise<void>
}

export interface StreamQueueDeps {
  stream: () => LogStream
  faults: Faults
  timers: Timers
  options: DeliveryOptions
  now: () => Date
  /** Called when everything offered has been delivered. */
  onDrained: () => void
  /** Called when the target has not answered for too long. */
  onUnreachable: () => void
}

/** Delivers one stream's logs to its target: in batches, each tried three times, then repeated until it succeeds. */
export function createStreamQueue({
  stream,
  faults,
  timers,
  options,
  now,
  onDrained,
  onUnreachable,
}: StreamQueueDeps): StreamQueue {
  let queue: Log[] = []
  let held: Log[] = []
  let delayed = 0
  let running: Promise<void> | undefined
  let generation = 0
  let failingSince: Date | undefined
  let delivered = 0
  let errors = 0
  let lastError: string | null = null

  function wake() {
    const { reorder, pauseDeliveries } = faults.current()
    if (!reorder) queue.push(...held.splice(0).toReversed())
    if (queue.length > 0 && !pauseDeliveries && !timers.signal.aborted) running ??= pump()
  }

  async function pump() {
    await timers.wait(options.batchWindowMs)
    while (queue.length > 0 && !faults.current().pauseDeliveries && !timers.signal.aborted) {
      const mine = generation
      const batch = queue.splice(0, options.batchSize)
      if (await deliver(batch, mine)) delivered += batch.length
      else if (mine === generation) queue.unshift(...batch)
    }
    running = undefined
    if (queue.length + held.length + delayed === 0) onDrained()
  }

  async function deliver(batch: Log[], mine: number): Promise<boolean> {
    const body = streamBody(stream(), batch, faults.takeForBatch())
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const error = await post(body)
      if (error === null) {
        failingSince = undefined
        return true
      }
      lastError = error
      if (attempt < 3) await timers.wait(options.backoffMs * 2 ** (attempt - 1))
      if (timers.signal.aborted || mine !== generation) return false
    }
    errors += 1
    failingSince ??= now()
    if (now().getTime() - failingSince.getTime() >= options.pauseAfterMs) onUnreachable()
    else await timers.wait(options.repeatMs)
    return false
  }

  async function post(body: string): Promise<string | null> {
    const { httpEndpoint, httpAuthorization, httpContentType, httpCustomHeaders } = stream().sink
    const headers = new Headers({ 'content-type': httpContentType ?? 'application/json' })
    if (httpAuthorization !== undefined) headers.set('authorization', httpAuthorization)
    for (const { header, value } of httpCustomHeaders ?? []) headers.set(header, value)
    const signal = AbortSignal.any([timers.signal, AbortSignal.timeout(options.timeoutMs)])
    try {
      const answer = await fetch(httpEndpoint, { method: 'POST', headers, body, signal, redirect: 'manual' })
      await answer.arrayBuffer()
      return answer.ok ? null : `the target answered ${answer.status}`
    } catch (cause) {
      return cause instanceof Error ? cause.message : String(cause)
    }
  }

  function offerLater(log: Log, ms: number) {
    const mine = generation
    delayed += 1
    timers.after(ms, () => {
      if (mine !== generation) return
      delayed -= 1
      queue.push(log)
      wake()
    })
  }

  function offer(log: Log) {
    const { type } = log
    if (faults.takeForLog('drop', type)) return
    const duplicate = faults.takeForLog('duplicate', type)
    const delay = faults.takeForLog('delay', type)
    if (delay) offerLater(log, delay.ms)
    else if (faults.takeForLog('reorder', type)) held.push(log)
    else queue.push(log)
    if (duplicate?.apart) offerLater(log, (delay?.ms ?? 0) + options.batchWindowMs * 2)
    else if (duplicate) queue.push(log)
    wake()
  }

  return {
    offer,
    wake,
    drop() {
      generation += 1
      queue = []
      held = []
      delayed = 0
      failingSince = undefined
    },
    health: () => ({
      pending: queue.length + held.length + delayed,
      delivered,
      errors,
      lastError,
      failingSince: failingSince?.toISOString() ?? null,
    }),
    idle: async () => running,
  }
}
