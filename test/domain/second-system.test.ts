import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alertNames } from '../../src/contracts/alerts.ts'
import { checkFindingNames } from '../../src/contracts/checks.ts'
import { gapNames, type Finding } from '../../src/contracts/gaps.ts'
import { problemNames } from '../../src/contracts/problems.ts'
import { VOCABULARIES, vocabularyOf } from '../../src/contracts/vocabulary.ts'
import { alertText } from '../../src/domain/alerts.ts'
import { checkFinding } from '../../src/domain/check-findings.ts'
import { accountLeftSentence } from '../../src/domain/deletion-text.ts'
import { gapText } from '../../src/domain/gaps.ts'
import { problemText } from '../../src/domain/problems.ts'
import { parseAuditInput, parseBackfillInput } from '../../src/domain/run-input.ts'
import { fixFor, nextWithoutAction, problemsOf } from '../../src/domain/why.ts'

const SYSTEM = 'supabase'
const IDENTITY = 'x1'

/** A second system with the words of the first: whatever a text does not take from its context names the wrong one. */
beforeAll(() => {
  const { accountLeft: _, ends: __, ...words } = vocabularyOf('atproto')
  VOCABULARIES[SYSTEM] = words
})
afterAll(() => {
  delete VOCABULARIES[SYSTEM]
})

/** The systems to which the commands of a text are addressed. */
const systemsIn = (text: string): (string | undefined)[] =>
  [...text.matchAll(/holdfast [a-z-]+ (atproto|supabase|medusa)\b/g)].map(([, system]) => system)
const gapOf = (kind: Finding['kind']): Finding => ({
  system: SYSTEM,
  identity: IDENTITY,
  tenant: '-',
  kind,
  since: null,
  evidence: {},
  repair: 'signup',
})

describe('what an operator is told to do about a second system', () => {
  it.each([
    ['gaps', () => gapNames(SYSTEM).map((kind) => gapText(gapOf(kind)))],
    ['gaps of one person', () => problemsOf(null, gapNames(SYSTEM).map(gapOf))],
    [
      'problems',
      () =>
        problemNames(SYSTEM).map((name) =>
          problemText(name, { system: SYSTEM, identity: IDENTITY, detail: {} }),
        ),
    ],
    [
      'alerts',
      () =>
        alertNames(SYSTEM).map((name) =>
          alertText({ name, count: 2, since: '2026-01-02T03:04:05Z' }, SYSTEM),
        ),
    ],
    ['findings of check', () => checkFindingNames(SYSTEM).map((name) => checkFinding(SYSTEM, name))],
  ])('names it in the commands for its %s', (_, texts) => {
    const named = texts().flatMap(({ sentence, fix }) => systemsIn(`${sentence} ${fix}`))
    expect(named.length).toBeGreaterThan(0)
    expect(new Set(named)).toEqual(new Set([SYSTEM]))
  })

  it('names it in the one action for a person', () => {
    const person = { status: null, stage: 'recording', known: true, ofSystem: null } as const
    expect(systemsIn(fixFor(SYSTEM, IDENTITY, { ...person, problems: [] }) ?? '')).toEqual([SYSTEM])
    const problems = problemsOf(null, [gapOf('identity-only')])
    expect(systemsIn(fixFor(SYSTEM, IDENTITY, { ...person, problems }) ?? '')).toEqual([SYSTEM])
  })
})

describe('a system that says nothing of its own', () => {
  it('has sentences that speak of no server and no address', () => {
    const person = { system: SYSTEM, status: null, problems: [], missed: false, asked: true } as const
    const sentences = [
      nextWithoutAction({ ...person, stage: 'expired' }),
      nextWithoutAction({ ...person, stage: 'refused' }),
      accountLeftSentence(SYSTEM, ['abc']),
    ]
    for (const sentence of sentences) expect(sentence).not.toMatch(/PDS|e-mail|address|atproto/)
    expect(accountLeftSentence(SYSTEM, ['abc'])).toContain('abc')
  })
})

it('a run that names no system, on a queue of none, is refused and not taken for the first system', () => {
  for (const parse of [parseAuditInput, parseBackfillInput]) {
    expect(parse({}, null, new Date())).toEqual({
      ok: false,
      complaints: [expect.stringMatching(/^system must be one of /)],
    })
    expect(parse({}, SYSTEM, new Date())).toMatchObject({ ok: true, value: { system: SYSTEM } })
  }
})

it('a run that names another system than its queue serves is refused, and judges nobody by the other’s names', () => {
  for (const parse of [parseAuditInput, parseBackfillInput])
    expect(parse({ system: SYSTEM }, 'atproto', new Date())).toEqual({
      ok: false,
      complaints: ['system must be atproto on this task queue, not supabase'],
    })
})
