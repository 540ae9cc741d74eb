import { existsSync, globSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { documents } from './documents.ts'
import { fileOf, textOf } from './files.ts'

const FILES = globSync('{src,dev,test,prove,bench,deploy,docs,bin}/**/*.*', { cwd: fileOf('.') })

/** The anchor that GitHub makes from a heading. */
function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}

function anchorsIn(path: string): Set<string> {
  return new Set([...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)))
}

describe.each(documents())('$path', ({ path, text, spans }) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link = '']) => link)

  it('links to files and headings that exist', () => {
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? path : normalize(join(dirname(path), file))
      if (!existsSync(fileOf(target))) return true
      return anchor !== undefined && !anchorsIn(target).has(anchor)
    })
    expect(broken).toEqual([])
  })

  it('names files of the repository that exist', () => {
    const named = spans.filter((span) => /^[\w./-]+\.(?:ts|js|json|sh)$/.test(span))
    expect(
      named.filter((span) => !existsSync(fileOf(span)) && !FILES.some((file) => file.endsWith(`/${span}`))),
    ).toEqual([])
  })
})

it('README.md has at most 150 lines', () => {
  expect(textOf('README.md').split('\n').length - 1).toBeLessThanOrEqual(150)
})

it('README.md leads to every page of docs/', () => {
  const told = documents()
    .filter(({ path }) => path === 'README.md' || /^docs\/(?:operate\/README|architecture)\.md$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\]\(([^)#\s]+\.md)/g)].map(([, link = '']) => normalize(join(dirname(path), link))),
    )
  const pages = documents().map(({ path }) => path)
  expect(pages.filter((path) => path.startsWith('docs/') && !told.includes(path))).toEqual([])
})
