import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { AlertFinding } from '../../src/contracts/alerts.ts'
import { alertNames } from '../../src/contracts/alerts.ts'
import { gapNames } from '../../src/contracts/gaps.ts'
import { alertText } from '../../src/domain/alerts.ts'
import { CASES, NAMES_WITHOUT_A_CASE, OPERATOR_NAMES } from './cases.ts'
import { gapText } from '../../src/domain/gaps.ts'

/** Cases whose tests are in branches that are not merged yet: remove a case when its tests are merged. */
const AWAITED: readonly string[] = []

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** The titles of all tests of Holdfast on real servers; the stand-in's own tests are listed apart. */
const titles = globSync('**/*.test.ts', { cwd: ROOT })
  .filter((path) => !path.startsWith('dev/servers/'))
  .flatMap(
    (path) => readFileSync(`${ROOT}${path}`, 'utf8').match(/\b(?:describe|it)\b[^]*?['"`]([^'"`]+)/g) ?? [],
  )

describe('the table of cases', () => {
  it('has every name an operator can be shown, and no other', () => {
    const told = [...Object.values(CASES).flat(), ...NAMES_WITHOUT_A_CASE]
    expect([...new Set(told)].toSorted()).toEqual([...OPERATOR_NAMES].toSorted())
  })

  it('has a test for each case, by its number', () => {
    const missing = Object.keys(CASES).filter(
      (name) => !titles.some((title) => new RegExp(`\\b${name}\\b`).test(title)),
    )
    expect(missing).toEqual(AWAITED)
  })
})

/** Something a person can type or set, or the plain word that no action is needed. */
const ACTION =
  /holdfast [a-z]|npm run worker|mongosh|\b(MONGODB|AUTH0|PDS|HOLDFAST|TEMPORAL)_[A-Z<]|^No action needed|^Decide|Look at|Raise the limit|at the PDS|PDS's admin|users\.code/

describe.each(alertNames('atproto'))('the alert %s', (name) => {
  const finding: AlertFinding = { name, count: 2, since: '2026-01-02T03:04:05.000Z', about: 'aesthetic' }
  const { sentence, fix } = alertText(finding, 'atproto')

  it('has a sentence, and a fix that names a command or a setting', () => {
    expect(sentence).toMatch(/^\S.{15,}[.)]$/)
    expect(fix).toMatch(ACTION)
    expect(sentence + fix).not.toMatch(/undefined|null|\(\)|\s{2}/)
  })
})

describe.each(gapNames('atproto'))('the gap %s', (kind) => {
  const evidence = {
    has: 'user',
    lacks: 'code',
    index: 'code_1',
    code: 'ac26xadeh',
    did: 'did:plc:x',
    account: 'gone',
  }
  const { sentence, fix } = gapText({
    system: 'atproto',
    identity: 'auth0|1',
    tenant: 'aesthetic',
    kind,
    since: null,
    evidence: { ...evidence, wanted: 'a.test', record: 'b.test' },
    repair: null,
  })

  it('has a sentence, and a fix that names a command, a setting or whose decision it is', () => {
    expect(sentence).toMatch(/^\S.{15,}\.$/)
    expect(fix).toMatch(ACTION)
    expect(sentence + fix).not.toMatch(/undefined|null|\(\)|\s{2}/)
  })
})
