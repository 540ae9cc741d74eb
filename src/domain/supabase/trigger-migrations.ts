import type { AuthTrigger } from './triggers.ts'

export interface MigrationFile {
  readonly name: string
  readonly text: string
}

/** The migrations' account of a trigger that the database lacks, or has otherwise. */
export type MigrationTrace =
  /** The last file that drops or disables it, or creates it or its function anew. */
  | { readonly kind: 'removed' | 'created'; readonly file: string }
  /** No file mentions it: a squash, a pull or a diff may have left it out. */
  | { readonly kind: 'nowhere' }

/** Reads the files in the order of their names, as they are applied. */
export function traceTrigger(files: readonly MigrationFile[], trigger: AuthTrigger): MigrationTrace {
  const ordered = files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  let last: MigrationTrace = { kind: 'nowhere' }
  for (const { name, text } of ordered) {
    const found = lastMention(withoutComments(text), trigger)
    if (found !== null) last = { kind: found, file: name }
  }
  return last
}

function lastMention(text: string, { name, calls }: AuthTrigger): 'removed' | 'created' | null {
  const [schema = '', fn = ''] = calls.split('.')
  const users = String.raw`${quoted('auth')}\s*\.\s*${quoted('users')}`
  const called = String.raw`(?:${quoted(schema)}\s*\.\s*)?${quoted(fn)}`
  const removals = [
    String.raw`drop\s+trigger\s+(?:if\s+exists\s+)?${quoted(name)}\s+on\s+${users}`,
    String.raw`drop\s+function\s+(?:if\s+exists\s+)?${called}\b`,
    String.raw`alter\s+table\s+(?:only\s+)?${users}\s+disable\s+trigger\s+(?:${quoted(name)}|all|user)\b`,
    String.raw`drop\s+schema\s+(?:if\s+exists\s+)?${quoted(schema)}\s+cascade`,
  ]
  const creations = [
    String.raw`create\s+(?:or\s+replace\s+)?(?:constraint\s+)?trigger\s+${quoted(name)}\s`,
    String.raw`create\s+(?:or\s+replace\s+)?function\s+${called}\s*\(`,
    String.raw`alter\s+table\s+(?:only\s+)?${users}\s+enable\s+(?:always\s+)?trigger\s+(?:${quoted(name)}|all|user)\b`,
  ]
  const [removed, created] = [lastIndex(text, removals), lastIndex(text, creations)]
  if (removed < 0 && created < 0) return null
  return removed > created ? 'removed' : 'created'
}

function lastIndex(text: string, patterns: readonly string[]): number {
  const found = [...text.matchAll(new RegExp(patterns.join('|'), 'gi'))]
  return found.at(-1)?.index ?? -1
}

/** A name as SQL may spell it, with quotes or without. */
function quoted(name: string): string {
  return `"?${name.replaceAll(/[^\w]/g, String.raw`\$&`)}"?`
}

/** Blanks of the same length, so that the order of what is left is kept. */
function withoutComments(text: string): string {
  return text.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length))
}
