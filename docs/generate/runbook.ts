import { parse } from 'yaml'
import { alertNames } from '../../src/contracts/alerts.ts'
import { textOf } from '../../test/deploy/files.ts'
import { CAUSES } from './causes.ts'
import { cell } from './markdown.ts'
import { fixesOf } from './problems.ts'
import { RULE_ACTIONS, TASKS } from './runbook-texts.ts'

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}

interface Rule {
  readonly alert: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}

/** docs/runbook.md. Throws where a rule of ops/prometheus-rules.yml has no action, or an action no rule. */
export function runbookPage(): string {
  const rules = (parse(textOf('ops/prometheus-rules.yml')) as RuleFile).groups.flatMap((group) => group.rules)
  const unknown = Object.keys(RULE_ACTIONS).filter((name) => rules.every(({ alert }) => alert !== name))
  const missing = rules.filter(({ alert }) => RULE_ACTIONS[alert] === undefined)
  if (unknown.length + missing.length > 0)
    throw new Error(
      `docs/generate/runbook-texts.ts: no action for [${missing.map(({ alert }) => alert).join(', ')}]; unknown: [${unknown.join(', ')}]`,
    )
  return [
    TASKS,
    '## Alerts of Prometheus',
    'The rules of `ops/prometheus-rules.yml`. They overlap with the alerts of Holdfast itself, which name the cause and come with the fix; begin with those: `npx holdfast alerts atproto`.',
    ...rules.map(ruleEntry),
    '## Alerts of Holdfast',
    'What to do first for each; the link has the sentence and the cause. A problem that blocks signups is an alert too.',
    ...Object.entries(CAUSES).flatMap(([title, group]) => alertTable(title, Object.keys(group))),
  ].join('\n\n')
}

function ruleEntry({ alert, labels, annotations }: Rule): string {
  const summary = annotations.summary.replaceAll(/\{\{ ?\$(?:labels\.)?(\w+)[^}]*\}\}/g, '`$1`')
  return `### ${alert}\n\n_${labels.severity}._ ${summary}\n\n${RULE_ACTIONS[alert] ?? ''}`
}

function alertTable(title: string, names: readonly string[]): string[] {
  const alerts = names.filter((name) => alertNames().some((known) => known === name))
  if (alerts.length === 0) return []
  const rows = alerts.map((name) => `| [${name}](problems.md#${name}) | ${cell(fixesOf(name).join(' '))} |`)
  return [`### ${title}`, ['| alert | what to do |', '| --- | --- |', ...rows].join('\n')]
}
