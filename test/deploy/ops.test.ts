import { execFileSync, spawnSync } from 'node:child_process'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { PROCESS_METRICS, STORED_METRICS } from '../../src/http/metrics/definitions.ts'
import { WORKER_METRICS } from '../../src/worker/metrics.ts'
import { fileOf, textOf } from './files.ts'

/** The SDK's metrics that are plotted; test/worker/metrics.test.ts finds them at a worker. */
const SDK_METRICS = { temporal_activity_schedule_to_start_latency_seconds: ['task_queue'] }
/** Labels that Prometheus adds. */
const ADDED = ['instance', 'job']

const series = new Map<string, readonly string[]>([
  ...Object.entries(STORED_METRICS).flatMap(([name, { type, labels }]) =>
    seriesOf(name, type, ['system', ...labels]),
  ),
  ...Object.entries(PROCESS_METRICS).flatMap(([name, { type, labels }]) => seriesOf(name, type, labels)),
  ...Object.keys(WORKER_METRICS).map((name): [string, string[]] => [name, ['build']]),
  ...Object.entries(SDK_METRICS).flatMap(([name, labels]) => seriesOf(name, 'histogram', labels)),
])

function seriesOf(name: string, type: string, labels: readonly string[]): [string, readonly string[]][] {
  if (type !== 'histogram') return [[name, labels]]
  return [
    [`${name}_bucket`, [...labels, 'le']],
    [`${name}_count`, labels],
  ]
}

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook: string }
}
interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string }[] }
  readonly panels: readonly {
    readonly id: number
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

const rules = (parse(textOf('ops/prometheus-rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)
const dashboard = JSON.parse(textOf('ops/grafana-dashboard.json')) as Dashboard

/** The faults of an expression: its syntax, or a metric or label that does not exist. */
function complaints(expr: string): string[] {
  const wrong: string[] = []
  const names: string[] = []
  const labels: string[] = []
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to)
      if (node.type.isError) wrong.push(`syntax at ${node.from}: ${text}`)
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector') names.push(text)
      if (node.name === 'LabelName') labels.push(text)
    },
  })
  const known = new Set([...names.flatMap((name) => series.get(name) ?? []), ...ADDED])
  return [
    ...wrong,
    ...(names.length === 0 ? ['no metric'] : []),
    ...names.filter((name) => !series.has(name)).map((name) => `no metric ${name}`),
    ...labels.filter((label) => !known.has(label)).map((label) => `no label ${label}`),
  ]
}

describe('an expression of ops/', () => {
  const all = [
    ...rules.map(({ alert, expr }) => [alert, expr] as const),
    ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ]
  it.each(all)('%s uses metrics and labels that exist', (_, expr) => {
    expect(complaints(expr)).toEqual([])
  })

  it('would be refused with a metric or label that does not exist, or wrong syntax', () => {
    expect(complaints('rate(holdfast_signups_done_total[5m])')).toEqual([
      'no metric holdfast_signups_done_total',
    ])
    expect(complaints('sum by (tenant) (holdfast_blocked)')).toEqual(['no label tenant'])
    expect(complaints('sum by (problem (holdfast_blocked)')).not.toEqual([])
  })
})

describe('the rules of Prometheus', () => {
  it('have a severity of Holdfast, a summary, and an entry in the runbook', () => {
    const runbook = textOf('docs/runbook.md')
    for (const { alert, labels, annotations } of rules) {
      expect(['warning', 'high', 'critical'], alert).toContain(labels.severity)
      expect(annotations.summary).toMatch(/\.$/)
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`)
      expect(runbook).toContain(`\n### ${alert}\n`)
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })

  const promtool = spawnSync('promtool', ['--version']).error === undefined
  it.skipIf(!promtool)('pass promtool, which is not installed everywhere', () => {
    expect(
      execFileSync('promtool', ['check', 'rules', fileOf('ops/prometheus-rules.yml')]).toString(),
    ).toContain('SUCCESS')
  })
})

it('has panels with ids of their own, and every variable that they use', () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  const used = new Set([...JSON.stringify(dashboard.panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name))
  expect(used).toEqual(new Set(dashboard.templating.list.map(({ name }) => name)))
})

interface LogQuery {
  readonly name: string
  readonly matches: { readonly msg: string; readonly fields: readonly string[] }
  readonly loki: string
  readonly cloudwatch: string
  readonly elasticsearch: string
  readonly datadog: string
}
type Line = Readonly<Record<string, unknown>> & { readonly msg: string }

describe('a query for logs', () => {
  const { queries } = JSON.parse(textOf('ops/log-queries.json')) as { queries: LogQuery[] }
  const { stderr } = spawnSync(process.execPath, [fileOf('test/deploy/log-lines.ts')], { encoding: 'utf8' })
  const lines = stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []))

  it.each(queries.map((query) => [query.name, query] as const))(
    '%s finds a line that is logged',
    (_, query) => {
      const { msg, fields } = query.matches
      const found = lines.filter((line) => line.msg.startsWith(msg))
      expect(found.length, stderr).toBeGreaterThan(0)
      for (const line of found) for (const field of fields) expect(line[field], field).toBeDefined()
      for (const text of [query.loki, query.cloudwatch, query.elasticsearch, query.datadog])
        expect(text.includes(msg) || fields.some((field) => text.includes(field))).toBe(true)
    },
  )

  it('uses no field that no line has', () => {
    const known = new Set(lines.flatMap((line) => Object.keys(line)))
    for (const { name, datadog } of queries)
      for (const [, field] of datadog.matchAll(/@(\w+)/g)) expect(known, `${name}: ${field}`).toContain(field)
  })
})
