import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { fileOf, textOf } from './files.ts'

const page = textOf('docs/architecture.md')
const sources = globSync('**/*.ts', { cwd: fileOf('src') })

it('has every collection of our own in its table, and no other', () => {
  const used = sources.flatMap((path) =>
    [...readFileSync(fileOf(`src/${path}`), 'utf8').matchAll(/'(holdfast_[a-z_]+)'/g)].map(
      ([, name]) => name,
    ),
  )
  const told = [...page.matchAll(/^\| `(holdfast_[a-z_]+)`/gm)].map(([, name]) => name)
  expect(new Set(told)).toEqual(new Set(used))
})

it('has every room', () => {
  const rooms = new Set(sources.filter((path) => path.includes('/')).map((path) => path.split('/')[0]))
  const [, , section = ''] = page.split('\n## ')
  const told = [...section.matchAll(/^\| `([a-z]+)\/`/gm)].map(([, name]) => name)
  expect(new Set(told)).toEqual(rooms)
})
