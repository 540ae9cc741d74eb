const CODE = new RegExp(
  [
    String.raw`(?:AUTH0_<TENANT>|[A-Z][A-Z0-9]*)?(?:_(?:[A-Z][A-Z0-9]*|\*))+`, // a variable, or the end of its name
    String.raw`npm run (?:worker|server|codec)`,
    String.raw`(?:temporal (?:operator|schedule)|auth0 api) .+?(?=, with|, then|, or|; or|\.$|$)`,
  ].join('|'),
  'g',
)

/** Plain text as Markdown: variables and commands as code, and what Markdown would read as markup stays text. */
export function escaped(text: string): string {
  return inText(
    inText(text, (part) => part.replaceAll(CODE, (code) => `\`${code}\``)),
    (part) => part.replaceAll(/[\\<>*_[\]|]/g, String.raw`\$&`),
  )
}

/** Changes what stands outside of code spans. */
function inText(text: string, change: (part: string) => string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('')
}

/** A cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')
}
