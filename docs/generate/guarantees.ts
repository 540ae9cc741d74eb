import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileOf } from '../../test/deploy/files.ts'
import { CASES } from './cases.ts'
import { cell } from './markdown.ts'

const INTRO = `# Guarantees

The failure cases that people who run these systems have met, how each ends with Holdfast, and a test that reproduces it.
More tests have the number of a case in their titles. A case without a test is not built.
`

/** docs/guarantees.md. Throws where a test of a case does not exist, or does not name it. */
export function guaranteesPage(): string {
  const tests = globSync('test/**/*.test.ts', { cwd: fileOf('.') })
  const sections = Object.entries(CASES).map(([title, cases]) =>
    [
      `## ${title}`,
      '',
      '| case | what happens | how it ends | test |',
      '| --- | --- | --- | --- |',
      ...cases.map(([id, what, end, ...names]) => {
        const links = names.map((name) => link(testOf(id, name, tests)))
        return `| ${id} | ${cell(what)} | ${cell(end)} | ${links.join(', ') || '_not built_'} |`
      }),
    ].join('\n'),
  )
  return [INTRO, ...sections].join('\n\n')
}

function testOf(id: string, name: string, tests: readonly string[]): string {
  const naming = tests.filter(
    (path) =>
      basename(path) === `${name}.test.ts` &&
      new RegExp(String.raw`\b${id}\b`).test(readFileSync(fileOf(path), 'utf8')),
  )
  const [first] = naming.toSorted()
  if (first === undefined) throw new Error(`docs/generate/cases.ts: no ${name}.test.ts names the case ${id}`)
  return first
}

function link(path: string): string {
  return `[${basename(path, '.test.ts')}](../${path})`
}
