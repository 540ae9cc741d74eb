/** Identities, as providers may spell them, that break a query or a key which is concatenated from texts. */
export const ODD_IDS: readonly string[] = [
  'auth0|a/b',
  'auth0|a',
  'a',
  'B',
  'é',
  'e\u0301',
  '~',
  '$set',
  '$$NOW',
  'dots.and.dots',
  '100%',
  '%2F',
  'under_score',
  "it's",
  'quo"ted',
  'back\\slash',
  'semi;--colon',
  '{"json":1}',
  '(null)',
  'null',
  ' leading space',
  'trailing space ',
  'new\nline',
  '\u200bzero width',
  '\u{1f600}',
  '\uffee',
  'عربى',
  `long|${'x'.repeat(700)}`,
  `long|${'x'.repeat(699)}y`,
]

/** In the order of their bytes in UTF-8, which is the order of every database with identities. */
export function byBytes(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
