import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { MetricMeter } from '@temporalio/common'

const EVERY_MS = 5_000
const NANOSECONDS = 1e9

/** The metrics that a worker process measures itself, beside the SDK's, by name. */
export const WORKER_METRICS = {
  holdfast_worker_info: 'A worker process, with its build.',
  holdfast_worker_resident_memory_bytes: 'Memory of the worker process.',
  holdfast_worker_event_loop_delay_seconds:
    "The longest delay of the worker's event loop in the last seconds: activities that take the processor for themselves.",
} as const

/** Publishes the worker process's own metrics through the SDK's exporter, every few seconds. */
export function reportProcess(meter: MetricMeter, build: string): void {
  const gauge = (name: keyof typeof WORKER_METRICS) =>
    meter.createGauge(name, 'float', undefined, WORKER_METRICS[name])
  const info = gauge('holdfast_worker_info')
  const memory = gauge('holdfast_worker_resident_memory_bytes')
  const delay = gauge('holdfast_worker_event_loop_delay_seconds')
  const delays = monitorEventLoopDelay()
  delays.enable()
  const report = (): void => {
    info.set(1, { build })
    memory.set(process.memoryUsage.rss())
    delay.set(delays.max / NANOSECONDS)
    delays.reset()
  }
  report()
  setInterval(report, EVERY_MS).unref()
}
