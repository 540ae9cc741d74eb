import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileOf, textOf } from './files.ts'

const sources = globSync('**/*.ts', { cwd: fileOf('src') })

it('has every collection of our own in its table, and no other', () => {
  // Names of metrics begin in the same way.
  const used = sources
    .filter((path) => !/^(?:http\/metrics\/|worker\/metrics\.ts)/.test(path))
    .flatMap((path) =>
      [...readFileSync(fileOf(`src/${path}`), 'utf8').matchAll(/'(holdfast_[a-z_]+)'/g)].map(
        ([, name]) => name,
      ),
    )
  const told = [...textOf('docs/architecture/data-model.md').matchAll(/^\| `(holdfast_[a-z_]+)`/gm)].map(
    ([, name]) => name,
  )
  expect(new Set(told)).toEqual(new Set(used))
})

it('names a system in that system’s folders and answers only', () => {
  const general = sources.filter(
    (path) => !/(?:^|\/)(?:atproto|supabase)[/.]/.test(path) && path !== 'contracts/systems.ts',
  )
  const naming = general.filter((path) =>
    /'(?:atproto|supabase)'/.test(readFileSync(fileOf(`src/${path}`), 'utf8')),
  )
  expect(naming).toEqual([])
})

const [, folderTable = ''] = textOf('docs/architecture.md').split('\n## Top-level folders\n')

it('has every top-level folder', () => {
  const folders = sources.filter((path) => path.includes('/')).map((path) => path.split('/')[0])
  const told = [...folderTable.matchAll(/^\| `([a-z]+)\/`/gm)].map(([, name]) => name)
  expect(new Set(told)).toEqual(new Set([...folders, 'dev']))
})

/** The names in backquotes in a cell: `config/` is a folder, `config.ts` a file. */
const namesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

/** Rows of the table: the names, what they may import, and from what only the types. */
const rows = [...folderTable.matchAll(/^\|([^|]+)\|[^|]+\|([^|]+)\|$/gm)]
  .map(([, about = '', column = '']) => {
    const [values = '', types = ''] = column.split('the types of')
    return { about: namesIn(about), values: namesIn(values), types: namesIn(types) }
  })
  .filter(({ about: [first = 'dev/'] }) => !first.startsWith('dev/'))

const isOf = (path: string, name: string): boolean =>
  name.endsWith('/') ? path.startsWith(name) : path === name

/** Every import of a file of `src/` by another, including the `import()` of modules that are loaded late. */
function importsOf(path: string) {
  const text = readFileSync(fileOf(`src/${path}`), 'utf8')
  const statement = /(?:import|export)( type)?[^'"`;]*?from '(\.[^']+)'|import\('(\.[^']+)'\)/g
  return [...text.matchAll(statement)].map(([, type, from, late]) => ({
    isType: type !== undefined,
    to: join(dirname(path), from ?? late ?? ''),
  }))
}

/** Files of one system: its folders and answers, the clients of its servers and of its application's records. */
const OF_ONE_SYSTEM = /(?:^|\/)(?:atproto|supabase)[/.]|^adapters\/(?:auth0|pds)\/|^adapters\/mongo\/[^/]+$/
const COMPOSING = ['contracts/vocabulary.ts', 'workflows/index.ts', 'systems/served.ts']

it('imports nothing of one system into a general file', () => {
  const general = sources.filter((path) => !OF_ONE_SYSTEM.test(path) && !COMPOSING.includes(path))
  const imports = general.flatMap((path) =>
    importsOf(path)
      .filter(({ to }) => OF_ONE_SYSTEM.test(to))
      .map(({ to }) => `${path} imports ${to}`),
  )
  expect(imports).toEqual([])
})

describe('what a folder may import', () => {
  it.each(rows)('$about', ({ about, values, types }) => {
    const mine = sources.filter((path) => about.some((name) => isOf(path, name)))
    const others = mine.flatMap((path) =>
      importsOf(path)
        .filter(({ to }) => !about.some((name) => isOf(to, name)))
        .filter(({ to, isType }) => ![...values, ...(isType ? types : [])].some((name) => isOf(to, name)))
        .map(({ to, isType }) => `${path} imports ${isType ? 'the types of ' : ''}${to}`),
    )
    expect(mine).not.toEqual([])
    expect(others).toEqual([])
  })

  it('is told of every folder', () => {
    expect(rows.length).toBeGreaterThan(14)
  })
})
