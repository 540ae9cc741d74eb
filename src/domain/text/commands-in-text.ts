import { systemNames } from '../../contracts/systems.ts'

/** Options that take a value; every other option has none, so that the word after it belongs to the sentence. */
const WITH_VALUE =
  'format|id|last|limit|max|max-changes|older-than|plan|problem|reason|since|stage|tenant|until'
const ACTIONS = 'list|show|retry|drop|apply|rotate|seal|new|renew|install|remove|pause|resume|cancel'
const OPERAND = `'(?:[^']|'\\\\'')*'|<[a-zA-Z ]+>|[0-9a-f][0-9a-f-]{7,}`
const OPTION = `--(?:${WITH_VALUE})(?![a-z-])(?: (?:${OPERAND}|\\w+(?:[.:-]\\w+)*))?|--[a-z]+(?:-[a-z]+)*`

/** A command's name followed by the system or an action, which distinguishes it from a sentence about Holdfast. */
function holdfastPattern(): string {
  return [
    `(?<![\\w./\`-])(?:npx )?holdfast [a-z]+(?:-[a-z]+)*`,
    `(?: (?:${systemNames().join('|')})(?![\\w-])(?: (?:${ACTIONS})(?![\\w-]))?| (?:${ACTIONS})(?![\\w-])(?: (?:${systemNames().join('|')})(?![\\w-]))?)`,
    `(?: (?:${OPERAND}))*`,
    `(?: (?:${OPTION}))*`,
  ].join('')
}
const MONGOSH = String.raw`db\.\w+\.\w+\([^()]*\)(?:; db\.\w+\.\w+\([^()]*\))*`

/** The prefix with which the command is run here: in a checkout it is only available through npx. */
export const COMMAND_PREFIX = import.meta.url.endsWith('.ts') ? 'npx holdfast' : 'holdfast'

/** A sentence for a terminal, in which each command can be pasted as it stands. */
export function withRunnableCommands(text: string, called = COMMAND_PREFIX): string {
  return text.replace(new RegExp(holdfastPattern(), 'g'), (command) => withPrefix(command, called))
}

/** A sentence for a page of Markdown, with each command as code: elsewhere quotes become typographic ones. */
export function withCommandsAsCode(text: string, called = COMMAND_PREFIX): string {
  return text.replace(new RegExp(`${holdfastPattern()}|${MONGOSH}`, 'g'), (command) =>
    inCode(withPrefix(command, called)),
  )
}

function withPrefix(command: string, called: string): string {
  return command.replace(/^(?:npx )?holdfast(?= )/, called)
}

/** An identity may contain backticks, so the fence is longer than any run of them. */
function inCode(command: string): string {
  const longest = Math.max(0, ...(command.match(/`+/g) ?? []).map((row) => row.length))
  if (longest === 0) return `\`${command}\``
  const fence = '`'.repeat(longest + 1)
  return `${fence} ${command} ${fence}`
}
