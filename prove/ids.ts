/**
 * The part of an id after the connection: as providers issue it, and as attackers write it to break a query, a path or
 * a shell.
 */
const FORMS = [
  'Jane Doe',
  'José 日本語 😀',
  String.raw`CORP\sam`,
  String.raw`tail\ `.trim(),
  String.raw`0\0 \n`,
  `o'neil'`,
  'a"b',
  String.raw`x\'OR/**/WorkflowType="signup"#`,
  'a/b?c=d&e#f',
  '100% %2e%2e',
  'tab\tnew\nline',
  '$where',
  '..',
  'x'.repeat(280),
] as const

/** An id that no other person on the same testbed has. */
export function hostileId(which: number, unique: string): string {
  return `${unique}|${FORMS[which % FORMS.length]}`
}
