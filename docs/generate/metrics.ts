import { NODE_PREFIX, PROCESS_METRICS, STORED_METRICS } from '../../src/http/metrics/definitions.ts'
import { WORKER_METRICS } from '../../src/worker/metrics.ts'
import { cell } from './markdown.ts'

const INTRO = `# Metrics

| whose | address | what |
| --- | --- | --- |
| the webhook server | \`GET /metrics\` on the [operators' address](operate/operators.md), for a viewer's token | everything below but the worker's own |
| each worker | \`GET /metrics\` at \`WORKER_METRICS_ADDRESS\`, without a token, off while it is unset | [the SDK's metrics](https://docs.temporal.io/references/sdk-metrics) (\`temporal_…\`) and the worker's own |

\`GET /api/systems/<system>/health\` on the operators' address answers \`{healthPercentage, recentSignupsCount, signupsMissingProfiles, windowHours}\` for other programs' panels. The health of \`atproto\` is made from the totals and Temporal: signups that began in the last 24 hours, and of them those that a problem blocks now or has ended. People who have yet to verify their address are not missing anything.

\`ops/\` has a dashboard for Grafana (\`ops/grafana-dashboard.json\`), alerting rules for Prometheus (\`ops/prometheus-rules.yml\`), and queries for Loki, CloudWatch, Elasticsearch and Datadog (\`ops/log-queries.json\`). A test checks each against the metrics and the lines of the log that there are. [runbook.md](runbook.md) says what to do for each alert. A scrape job:

\`\`\`yaml
scrape_configs:
  - job_name: holdfast
    authorization: { credentials_file: /etc/prometheus/holdfast-viewer-token }
    static_configs: [{ targets: ['127.0.0.1:8789'] }]
  - job_name: holdfast-worker
    static_configs: [{ targets: ['127.0.0.1:9464'] }]
\`\`\`

**What a scrape costs.** Stored values are read when somebody scrapes, at most once in 15 seconds (those from Temporal: in 60), however many scrapes come at once. While a store does not answer, its last values stay: \`holdfast_source_up\` is 0 and \`holdfast_source_age_seconds\` grows.

**Several servers** show the same stored values: take \`max by (…)\`, not \`sum\`. What a server measures itself (requests, memory) is its own.

**Counters** (\`…_total\`, the time to complete) are the durable [totals](operate/totals.md) of this year. A restart does not reset them; the new year, UTC, does, as \`rate\` and \`increase\` expect of a counter.

**Labels** have the words of [problems.md](problems.md) and of the systems, routes as patterns, and the names of tenants. No value of a store becomes a label: what a version has no word for is \`other\`. Nothing in a metric names a person.
`

/** docs/metrics.md. */
export function metricsPage(): string {
  const stored = Object.entries(STORED_METRICS).map(([name, { type, labels, help }]) =>
    row(name, type, ['system', ...labels], help),
  )
  const own = Object.entries(PROCESS_METRICS).map(([name, { type, labels, help }]) =>
    row(name, type, labels, help),
  )
  const workers = Object.entries(WORKER_METRICS).map(([name, help]) =>
    row(name, 'gauge', name === 'holdfast_worker_info' ? ['build'] : [], help),
  )
  const head = ['| metric | type | labels | what |', '| --- | --- | --- | --- |']
  return [
    INTRO,
    '## Of each system\n',
    [...head, ...stored].join('\n'),
    '## Of each server\n',
    [...head, ...own].join('\n'),
    `Node's own (memory, event loop, garbage collection) begin with \`${NODE_PREFIX}\`.`,
    '## Of each worker\n',
    [...head, ...workers].join('\n'),
  ].join('\n\n')
}

function row(name: string, type: string, labels: readonly string[], help: string): string {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ') || '-'} | ${cell(help)} |`
}
