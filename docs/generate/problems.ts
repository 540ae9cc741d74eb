import { alertNames, type AlertName } from '../../src/contracts/alerts.ts'
import { checkFindingNames, type CheckFindingName } from '../../src/contracts/checks.ts'
import { gapNames, type Gap } from '../../src/contracts/gaps.ts'
import { MONGO_CHECKS } from '../../src/contracts/mongo/checks.ts'
import { MONGO_PROBLEMS } from '../../src/contracts/mongo/problems.ts'
import { POSTGRES_CHECKS } from '../../src/contracts/postgres/checks.ts'
import { POSTGRES_PROBLEMS } from '../../src/contracts/postgres/problems.ts'
import { problemNames, type ProblemName } from '../../src/contracts/problems.ts'
import { SHARED_ALERTS } from '../../src/contracts/shared/alerts.ts'
import { SHARED_CHECKS } from '../../src/contracts/shared/checks.ts'
import { SHARED_PROBLEMS } from '../../src/contracts/shared/problems.ts'
import { REFUSALS, type RefusalName } from '../../src/contracts/shared/refusals.ts'
import type { System } from '../../src/contracts/systems.ts'
import { VOCABULARIES } from '../../src/contracts/vocabulary.ts'
import { alertText, severityOf } from '../../src/domain/alerts.ts'
import { checkFinding } from '../../src/domain/check-findings.ts'
import { withCommandsAsCode } from '../../src/domain/text/commands-in-text.ts'
import { gapText, repairOf } from '../../src/domain/gaps.ts'
import { endsSignup, problemText } from '../../src/domain/problems.ts'
import { CAUSES, PAGES } from './causes.ts'
import { escaped } from './markdown.ts'

/** The places that show a name, with the sentence and the fix it has there. */
interface Shown {
  readonly where: string
  readonly sentence: string
  readonly fix: string
}

/** Details that the sentences of these alerts require. */
const DETAILS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'gaps-found': { 'account-missing': '9', 'user-missing': '3' },
  'records-lost': { users: '5700 of 6000' },
  'events-quarantined': { 'not-json': '12' },
}

const REFUSAL_NAMES = Object.keys(REFUSALS) as RefusalName[]

const SYSTEMS = Object.keys(VOCABULARIES) as System[]

/** Names that do not belong to single systems. */
const COMMON: ReadonlySet<string> = new Set(
  [
    SHARED_PROBLEMS,
    SHARED_ALERTS,
    SHARED_CHECKS,
    MONGO_PROBLEMS,
    MONGO_CHECKS,
    POSTGRES_PROBLEMS,
    POSTGRES_CHECKS,
    REFUSALS,
  ].flatMap((words) => Object.keys(words)),
)

const INTRO = `# Problems, alerts, gaps and findings

Every name that Holdfast shows an operator, with its usual cause and what to do. The names are stable: scripts, search
attributes and alerts may use them. A **problem** blocks a signup (\`why\`, \`status\`, \`list --stuck\`, the search
attribute \`SignupProblem\`); an **alert** is sent to operators by its severity ([alerts.md](operate/alerts.md)); a **gap** is
what an audit finds missing or wrong (\`audit\`, \`backfill\`); a **finding** is what \`check\` finds wrong with the configuration;
a **refusal** is why the operators' address does not carry out a request (the \`type\` of its \`application/problem+json\`).
A name that only some systems have says which.

A problem ends automatically when its cause is gone: every blocked signup is retried, at growing intervals
of at most fifteen minutes; \`holdfast retry atproto --problem <name>\` retries all of them at once.
`

/** docs/problems.md. Throws where a name has no cause, or a cause no name. */
export function problemsPage(): string {
  const names = new Set<string>(SYSTEMS.flatMap(namesOf))
  const told = Object.values(CAUSES).flatMap((group) => Object.keys(group))
  const missing = [...names].filter((name) => !told.includes(name))
  const unknown = [
    ...told.filter((name, index) => !names.has(name) || told.indexOf(name) !== index),
    ...Object.keys(PAGES).filter((name) => !names.has(name)),
  ]
  if (missing.length + unknown.length > 0)
    throw new Error(
      `docs/generate/causes.ts: no cause for [${missing.join(', ')}]; unknown or repeated: [${unknown.join(', ')}]`,
    )
  const groups = Object.entries(CAUSES)
  const contents = groups.map(
    ([title, group]) =>
      `- **${title}**: ${Object.keys(group)
        .map((name) => `[${name}](#${name})`)
        .join(', ')}`,
  )
  const sections = groups.flatMap(([title, group]) => [
    `## ${title}`,
    ...Object.entries(group).map(([name, cause]) => entry(name, cause)),
  ])
  return [INTRO, contents.join('\n'), ...sections].join('\n\n')
}

function entry(name: string, cause: string): string {
  const systems = SYSTEMS.filter((system) => namesOf(system).includes(name))
  const shown = systems.flatMap((system) => shownAs(system, name))
  const places = [...new Set(shown.map(({ where }) => where))]
  const notes = [
    ...(COMMON.has(name) ? [] : [`Only in ${systems.map((system) => `\`${system}\``).join(', ')}.`]),
    ...severityNotes(systems, name),
    ...(isOneOf(problemNames(), name) && endsSignup(name) ? ['It ends the signup as `refused`.'] : []),
    ...new Set(systems.flatMap((system) => repairNotes(system, name))),
  ]
  return [
    `### ${name}`,
    `_${places.join(', ')}._ ${notes.join(' ')}`.trim(),
    ...distinct(shown, 'sentence').map((text) => `> ${prose(text)}`),
    `**Cause.** ${escaped(cause)}`,
    ...distinct(shown, 'fix').map((text) => `**What to do.** ${prose(text)}`),
    ...(PAGES[name] === undefined ? [] : [`More: [${PAGES[name]}](${PAGES[name]})`]),
  ].join('\n\n')
}

/** The fixes of a name, each text once, in Markdown. */
export function fixesOf(name: string): string[] {
  return distinct(
    SYSTEMS.flatMap((system) => shownAs(system, name)),
    'fix',
  ).map(prose)
}

function namesOf(system: System): string[] {
  return [...alertNames(system), ...gapNames(system), ...checkFindingNames(system), ...REFUSAL_NAMES]
}

/** The same name may have another severity in another system. */
function severityNotes(systems: readonly System[], name: string): string[] {
  const having = systems.filter((system) => isOneOf(alertNames(system), name))
  const severities = having.map((system) => severityOf(name as AlertName, system))
  return severities.length === 0 ? [] : [`Severity: ${[...new Set(severities)].join(' or ')}.`]
}

function repairNotes(system: System, name: string): string[] {
  if (!isOneOf(gapNames(system), name)) return []
  return [repairOf(system, name) === null ? 'A backfill does not repair it.' : 'A backfill repairs it.']
}

function shownAs(system: System, name: string): Shown[] {
  const context = { system, identity: '<id>', detail: {} }
  const about = name === 'watch-failing' ? '<part>' : '<tenant>'
  const finding = { count: 12, since: '<since>', about, detail: DETAILS[name] ?? {} }
  return [
    ...(isOneOf(problemNames(system), name)
      ? [{ where: 'Problem of a signup, alert', ...problemText(name, context) }]
      : []),
    ...(isOneOf(gapNames(system), name) ? [{ where: 'Gap', ...gapText(exampleOf(system, name)) }] : []),
    ...(isOneOf(alertNames(system), name) && !isOneOf(problemNames(system), name)
      ? [{ where: 'Alert', ...alertText({ ...finding, name }, system) }]
      : []),
    ...(isOneOf(checkFindingNames(system), name)
      ? [{ where: 'Finding of `check`', ...checkFinding(system, name) }]
      : []),
    ...(isOneOf(REFUSAL_NAMES, name)
      ? [{ where: `Refusal of a request, ${REFUSALS[name].status}`, ...REFUSALS[name] }]
      : []),
  ]
}

function exampleOf(system: System, kind: Gap) {
  const repair = repairOf(system, kind)
  return { system, identity: '<id>', tenant: '<tenant>', kind, since: null, evidence: {}, repair }
}

/** The same text in two places is told once. */
function distinct(shown: readonly Shown[], part: 'sentence' | 'fix'): string[] {
  return [...new Set(shown.map((one) => one[part]))]
}

function prose(text: string): string {
  return escaped(withCommandsAsCode(text, 'holdfast'))
}

type Name = ProblemName | AlertName | Gap | CheckFindingName | RefusalName

function isOneOf<N extends Name>(names: readonly N[], name: string): name is N {
  return names.some((known) => known === name)
}
