import { globSync } from 'node:fs'
import { textOf } from './files.ts'

export interface Document {
  readonly path: string
  readonly text: string
  /** Fenced blocks with their indentation; diagrams are left out. */
  readonly blocks: readonly string[]
  /** Code spans outside blocks. */
  readonly spans: readonly string[]
}

const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/gm

/** README.md, docs/ and the documents for contributors. */
export function documents(): Document[] {
  return [...globSync('*.md', { cwd: '.' }), ...globSync('{docs,deploy}/**/*.md', { cwd: '.' })]
    .toSorted()
    .map((path) => {
      const text = textOf(path)
      const blocks = [...text.matchAll(FENCE)].flatMap(([, indent = '', language, block = '']) =>
        language === 'mermaid' ? [] : block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      )
      const spans = [...text.replaceAll(FENCE, '').matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)]
      return { path, text, blocks, spans: spans.map(([, span = '']) => span) }
    })
}

/** The commands of a document as an operator would type them: in blocks, the lines that begin as a command does. */
export function commandsOf({ blocks, spans }: Document): string[] {
  const lines = blocks.flatMap(
    (block) =>
      block
        .replaceAll(/\\\n\s*/g, '')
        .split('\n')
        .map((line) => line.replace(/^\s*\$ /, '').replace(/ {3,}[^#].*$/, '')), // examples of --help are explained after spaces
  )
  return [...lines, ...spans]
    .flatMap((line) => line.split(/ && /))
    .filter((line) => /^(?:npx holdfast|holdfast|temporal|npm|docker compose) [a-z-]/.test(line))
}

/** The words of a command as a shell splits them, up to a comment, a pipe or a redirection. */
export function wordsOf(command: string): string[] {
  const words: string[] = []
  const part = /'([^']*)'|"([^"]*)"|(<[a-z ]+>)|([^\s'"<>|]+)|(\s+#.*$|\s*[|>].*$)|(\s+)/g
  let open = false
  for (const [, single, double, placeholder, plain, end, gap] of command.matchAll(part)) {
    if (end !== undefined || plain === '#') break
    if (gap !== undefined) {
      open = false
      continue
    }
    const text = single ?? double ?? placeholder ?? plain ?? ''
    if (open) words.push((words.pop() ?? '') + text)
    else words.push(text)
    open = true
  }
  return words
}
