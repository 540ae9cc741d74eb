import { describe, expect, it } from 'vitest'
import { alertNames, ownAlertNames } from '../../src/contracts/alerts.ts'
import { checkFindingNames } from '../../src/contracts/checks.ts'
import { gapNames } from '../../src/contracts/gaps.ts'
import { stepNames } from '../../src/contracts/history.ts'
import { MONGO_CHECKS } from '../../src/contracts/mongo/checks.ts'
import { MONGO_PROBLEMS } from '../../src/contracts/mongo/problems.ts'
import { POSTGRES_CHECKS } from '../../src/contracts/postgres/checks.ts'
import { POSTGRES_PROBLEMS } from '../../src/contracts/postgres/problems.ts'
import { problemNames } from '../../src/contracts/problems.ts'
import { SHARED_ALERTS } from '../../src/contracts/shared/alerts.ts'
import { SHARED_CHECKS } from '../../src/contracts/shared/checks.ts'
import { SHARED_PROBLEMS } from '../../src/contracts/shared/problems.ts'
import { END_STAGES } from '../../src/contracts/stages.ts'
import type { System } from '../../src/contracts/systems.ts'
import { VOCABULARIES, vocabularyOf } from '../../src/contracts/vocabulary.ts'
import type {
  AlertWord,
  CheckContext,
  CheckWord,
  OperatorText,
  ProblemWord,
} from '../../src/contracts/words.ts'
import { alertText } from '../../src/domain/alerts.ts'
import { checkFinding } from '../../src/domain/check-findings.ts'
import { gapText, repairOf } from '../../src/domain/gaps.ts'
import { problemText } from '../../src/domain/problems.ts'
import { addLibraryWords } from '../support/library/add-words.ts'

addLibraryWords()

const systems = Object.keys(VOCABULARIES) as System[]
const ofPerson = { identity: 'x1', detail: {} }
const ofAlert = { count: 2, since: '2026-01-02T03:04:05.000Z' }

const problemsIn = (words: Readonly<Record<string, ProblemWord>>): OperatorText[] =>
  Object.values(words).map(({ sentence, fix }) => {
    const context = { ...ofPerson, system: 'any' }
    return { sentence: sentence(context), fix: fix(context) }
  })
const checksIn = (words: Readonly<Record<string, CheckWord>>): OperatorText[] =>
  Object.values(words).map(({ sentence, fix }) => {
    const detail: CheckContext = { system: 'any' }
    return { sentence: sentence(detail), fix: fix(detail) }
  })
const alertsIn = (words: Readonly<Record<string, AlertWord>>): OperatorText[] =>
  Object.values(words).map(({ text }) => text(ofAlert, 'any'))

/** Every text that an operator of the system may be shown. */
function textsOf(system: System): OperatorText[] {
  return [
    ...problemNames(system).map((name) => problemText(name, { ...ofPerson, system })),
    ...checkFindingNames(system).map((name) => checkFinding(system, name)),
    ...alertNames(system).map((name) => alertText({ name, ...ofAlert }, system)),
    ...gapNames(system).map((kind) => {
      const repair = repairOf(system, kind)
      return gapText({ system, identity: 'x1', tenant: '-', kind, since: null, evidence: {}, repair })
    }),
  ]
}

const wordsOf = ({ sentence, fix }: OperatorText): string => `${sentence} ${fix}`

/** Servers that only some systems have. */
const SERVERS = { atproto: /\b(?:auth0|pds|plc)/i, mongo: /mongo/i }

describe('words that every system has', () => {
  const shared = [...problemsIn(SHARED_PROBLEMS), ...checksIn(SHARED_CHECKS), ...alertsIn(SHARED_ALERTS)].map(
    wordsOf,
  )

  it('name no system and no server of one', () => {
    expect(shared.length).toBeGreaterThan(30)
    const naming = shared.filter((text) =>
      [...Object.values(SERVERS), /\batproto\b/].some((server) => server.test(text)),
    )
    expect(naming).toEqual([])
  })

  it('name MongoDB alone where Holdfast keeps its own data there', () => {
    const texts = [...problemsIn(MONGO_PROBLEMS), ...checksIn(MONGO_CHECKS)].map(wordsOf)
    expect(texts.filter((text) => SERVERS.atproto.test(text))).toEqual([])
  })

  it('name Postgres alone, and the variable of the system, where Holdfast keeps its own data there', () => {
    const texts = [...problemsIn(POSTGRES_PROBLEMS), ...checksIn(POSTGRES_CHECKS)].map(wordsOf)
    expect(texts.filter((text) => SERVERS.atproto.test(text) || SERVERS.mongo.test(text))).toEqual([])
    expect(
      texts.filter((text) => text.includes('_DB_URL')).every((text) => text.includes('ANY_DB_URL')),
    ).toBe(true)
    expect(texts.some((text) => text.includes('holdfast state apply any'))).toBe(true)
  })
})

describe.each(systems)('the vocabulary of %s', (system) => {
  const own = vocabularyOf(system)

  it('has a sentence and a fix for each name', () => {
    for (const { sentence, fix } of textsOf(system)) {
      expect(sentence).toMatch(/^\S.{10,}[.)]$/)
      expect(fix).toMatch(/^\S.{10,}/)
      expect(sentence + fix).not.toMatch(/undefined|null|\[object/)
    }
  })

  it('addresses its commands to itself', () => {
    const others = systems.filter((other) => other !== system)
    const wrong = textsOf(system)
      .map(wordsOf)
      .filter((text) => others.some((other) => new RegExp(`holdfast [a-z-]+ ${other}\\b`).test(text)))
    expect(wrong).toEqual([])
  })

  it('names the servers of no other system', () => {
    const foreign = Object.entries(SERVERS).filter(([name]) => name !== system && !(name in own.dependencies))
    const texts = textsOf(system).map(wordsOf)
    for (const [, server] of foreign) expect(texts.filter((text) => server.test(text))).toEqual([])
  })

  it('keeps problems, alerts and gaps apart', () => {
    const alerts = new Set<string>(ownAlertNames(system))
    expect(problemNames(system).filter((name) => alerts.has(name))).toEqual([])
    expect(gapNames(system).filter((name) => alerts.has(name))).toEqual([])
    const ends: readonly string[] = END_STAGES
    expect(stepNames(system).filter((step) => ends.includes(step))).toEqual([])
  })

  it('has every problem that it refers to', () => {
    const known: readonly string[] = problemNames(system)
    const named = [
      ...own.problemsOfChecks,
      ...Object.values(own.dependencies).flat(),
      ...own.workflows.canaries.map(({ problem }) => problem),
    ]
    expect(named.filter((name) => !known.includes(name))).toEqual([])
    const unknown = own.workflows.canaries.filter(({ dependency }) => !(dependency in own.dependencies))
    expect(unknown).toEqual([])
  })
})

it('is an alert in no system what is a problem in another', () => {
  const alerts: readonly string[] = ownAlertNames()
  expect(problemNames().filter((name) => alerts.includes(name))).toEqual([])
})

it('gives a name of several systems the same properties in all', () => {
  const propertiesOf = (word: ProblemWord): object => ({ ...word, sentence: null, fix: null })
  const differing = problemNames().filter((name) => {
    const tables: readonly Readonly<Record<string, ProblemWord>>[] = [
      SHARED_PROBLEMS,
      ...systems.map((system) => vocabularyOf(system).problems),
    ]
    const found = tables.flatMap((words) => words[name] ?? []).map(propertiesOf)
    return new Set(found.map((one) => JSON.stringify(one))).size > 1
  })
  expect(differing).toEqual([])
})

it('calls a problem that only other systems know an unexpected one', () => {
  const { sentence } = problemText('pds-unreachable', { ...ofPerson, system: '-' })
  expect(sentence).toBe('A step failed with an error that Holdfast does not know (pds-unreachable).')
})
