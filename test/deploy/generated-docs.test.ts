import { describe, expect, it } from 'vitest'
import { generatedPages } from '../../docs/generate/pages.ts'
import { alertNames } from '../../src/contracts/alerts.ts'
import { checkFindingNames } from '../../src/contracts/checks.ts'
import { gapNames } from '../../src/contracts/gaps.ts'
import { problemPage } from '../../src/domain/text/problem-page.ts'
import { textOf } from './files.ts'

const pages = await generatedPages()

describe.each([...pages])('%s', (path, text) => {
  it('is what `npm run docs` writes', () => {
    expect(textOf(path)).toBe(text)
  })

  it('leaves no cell of a table empty and says nothing undefined', () => {
    expect(text).not.toMatch(/\| +\||undefined|\[object/)
  })
})

it('has an entry for each name that a sentence links to', () => {
  const missing = [...alertNames(), ...gapNames(), ...checkFindingNames('atproto')].filter((name) => {
    const [path = '', anchor = ''] = problemPage(name).split('#')
    return !textOf(path).includes(`\n### ${anchor}\n`)
  })
  expect(missing).toEqual([])
})
