import { collectDefaultMetrics, Gauge, Histogram, Registry, type Metric } from 'prom-client'
import type { System } from '../../contracts/systems.ts'
import {
  NODE_PREFIX,
  PROCESS_METRICS,
  STORED_METRICS,
  type Sample,
  type StoredMetricName,
} from './definitions.ts'
import { createRefreshed, type Latest } from './refreshed.ts'
import type { MetricSource } from './sources.ts'

export interface MeasuredSystem {
  readonly system: System
  readonly sources: readonly MetricSource[]
}

export interface MetricsOptions {
  readonly systems: readonly MeasuredSystem[]
  readonly build: string
  /** Called when a source begins to fail. */
  readonly onFailure: (error: unknown, what: { readonly system: System; readonly source: string }) => void
  /** Node's own metrics, which a test leaves out. */
  readonly withNode?: boolean
}

export interface Metrics {
  /** The page in Prometheus' text format. Never rejects for a source that fails: its last values stay, with their age. */
  page(): Promise<string>
  readonly contentType: string
  /** Records an answered request. `route` is the pattern of the route, never the path. */
  recordRequest(request: { route: string; method: string; status: number; seconds: number }): void
}

const STATUS_CLASSES = new Set(['200', '201', '202', '400', '401', '403', '404', '413', '429', '503'])
const METHODS = new Set(['GET', 'POST'])

/**
 * The metrics of a server process, all systems together. Stored values are read at intervals, at most once however many
 * scrapes come, and not at all without a scrape. No label has a value from outside: routes are patterns, names are those
 * of the vocabularies.
 */
export function createMetrics({ systems, build, onFailure, withNode = true }: MetricsOptions): Metrics {
  const registry = new Registry()
  const read = systems.flatMap(({ system, sources }) =>
    sources.map((source) => ({
      system,
      name: source.name,
      latest: createRefreshed({
        load: source.load,
        everyMs: source.everyMs,
        onFailure: (error) => onFailure(error, { system, source: source.name }),
      }),
    })),
  )

  const current = async (): Promise<LabelledSample[]> => {
    const found = await Promise.all(read.map(async (one) => ({ ...one, latest: await one.latest() })))
    return found.flatMap(({ system, name, latest }) =>
      [...(latest.value ?? []), ...sourceSamples(name, latest)].map((sample) => ({ ...sample, system })),
    )
  }
  let samples: LabelledSample[] = []
  for (const name of Object.keys(STORED_METRICS) as StoredMetricName[])
    registry.registerMetric(storedMetric(name, () => samples))

  const info = PROCESS_METRICS.holdfast_build_info
  const buildInfo = new Gauge({
    name: 'holdfast_build_info',
    help: info.help,
    labelNames: info.labels,
    registers: [registry],
  })
  buildInfo.set({ build }, 1)
  const { help, labels } = PROCESS_METRICS.holdfast_http_request_duration_seconds
  const requests = new Histogram({
    name: 'holdfast_http_request_duration_seconds',
    help,
    labelNames: labels,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [registry],
  })
  if (withNode) collectDefaultMetrics({ register: registry, prefix: NODE_PREFIX })

  return {
    contentType: registry.contentType,
    async page() {
      samples = await current()
      return registry.metrics()
    },
    recordRequest({ route, method, status, seconds }) {
      const known = STATUS_CLASSES.has(String(status)) ? String(status) : `${Math.floor(status / 100)}xx`
      requests.observe({ route, method: METHODS.has(method) ? method : 'other', status: known }, seconds)
    },
  }
}

type LabelledSample = Sample & { readonly system: System }

function sourceSamples(source: string, { value, loadedAt, isLate }: Latest<unknown>): Sample[] {
  const age = loadedAt === null ? null : (Date.now() - loadedAt.getTime()) / 1_000
  return [
    { name: 'holdfast_source_up', labels: { source }, value: value === null || isLate ? 0 : 1 },
    ...(age === null
      ? []
      : [{ name: 'holdfast_source_age_seconds' as const, labels: { source }, value: age }]),
  ]
}

/**
 * A metric whose values are given as they are. The classes of prom-client only add up what the process observed itself,
 * which is not what a count in a database needs.
 */
function storedMetric(name: StoredMetricName, samples: () => readonly LabelledSample[]): Metric {
  const { type, help } = STORED_METRICS[name]
  const metric = {
    name,
    help,
    type,
    get: () => ({
      name,
      help,
      type,
      aggregator: 'first',
      values: samples()
        .filter((sample) => sample.name === name)
        .map(({ system, labels, value }) => ({
          ...(type === 'histogram' ? { metricName: `${name}_${'le' in labels ? 'bucket' : 'count'}` } : {}),
          labels: { system, ...labels },
          value,
        })),
    }),
  }
  return metric as unknown as Metric // the registry needs a name and what `get` returns
}
