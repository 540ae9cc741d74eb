import { globSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fileOf, textOf } from '../deploy/files.ts'
import { stringLiterals } from '../support/string-literals.ts'

/** Phrases that needed a second reading, each with its replacement. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bany longer\b/i, 'no longer'],
  [/\bheld up\b|\bholds? (it|them|the signup) up\b|\bstands? still\b|\btroubled\b/i, 'blocked'],
  [/\banswer is no\b/i, 'findings, failures, or an unknown person'],
  [/\b(goes|go|went|gone) on\b/i, 'continue'],
  [/\bin vain\b|\bsets? going\b/i, 'retry, start'],
  [/\bcould not be told\b|\b\d+ told\b|\btold of\b|\bpeople told\b/i, 'signal, notify'],
  [/\bsay (who|whom|which)\b|\bsay --/i, 'give, pass'],
  [/\bnobody is (here|known)\b|\btime to come\b/i, 'not a terminal; must be in the future'],
  [/\bmend(s|ed|ing)?\b/i, 'fix, repair'],
  [/\b(is|are) well( again)?\b|\bworld heals\b/i, 'has recovered'],
  [/\bsisters?\b/i, 'linked identity'],
  [/\bbeats? (its|their) hearts?\b/i, 'heartbeat'],
  [/\banew\b/i, 'again'],
  [/\bin clear\b/i, 'plain text'],
  [/\bcodes apart\b/i, 'unique codes'],
  [/\bour (own|admin|role|user|credentials|application|token|invite)\b/i, 'the name of the thing'],
  [/\bwas the matter\b|\black nothing\b/i, 'complete'],
  [/\bunder way\b/i, 'running, in flight'],
  [/\bsomebody else\b|\bthe so many\b|\bletting go\b/i, 'another person; the last <n>'],
  [/\bnothing (to do|has to be done)\b/i, 'no action needed'],
  [/\btr(ied|y) (again )?by itself\b/i, 'retried automatically'],
  [/\bdraws?\b|\bdrawn\b/i, 'generate, create'],
  [/\bany more\b|\bhalf-way\b|\bis said\b|\bare through\b/i, 'no longer; interrupted; is given; completed'],
  [/\bgiven out\b|\bwas not ended\b|\ball that waits\b/i, 'issued; interrupted; everything that waits'],
  [/\bno harm\b|\blets? anybody\b|\bsomebody may\b/i, 'safe; anyone; a stranger can'],
  [/\blook(s|ed)? through\b|\bhave it look\b/i, 'check'],
  [/\brecord(s of another person)? names?\b|\brecord names no\b/i, 'refers to, contains'],
  [/\bnot judged\b|\b(are|is) young\b/i, 'not checked yet; within the grace period'],
  [/\bhas no name for\b|\bthe system before\b/i, 'does not know; the previous system'],
  [
    /\bthe inspection finds\b|\banswers too slowly\b|\bby keyed hash\b/i,
    'watch finds; is too slow; keyed hash of …',
  ],
]
/** A sentence whose subject is a free relative looks like a question at first. */
const QUESTION_FIRST =
  /^(Who|Whoever|Whom|Whose|Nobody|Somebody|Where|What (?!to do|happened|is\b)) ?[a-z]+ [^?]*$/

function complaints(text: string): string[] {
  const found = BANNED.filter(([phrase]) => phrase.test(text)).map(([, instead]) => instead)
  return found.length === 0 ? [] : [`${text.trim()} (say: ${found.join('; ')})`]
}

/** Texts with a space: names on the wire, such as `created-anew`, are not checked. */
const textsOf = (path: string): string[] => stringLiterals(textOf(path)).filter((text) => text.includes(' '))
const filesOf = (...patterns: string[]): string[] => globSync(patterns, { cwd: fileOf('.') }).toSorted()

describe('what an operator reads', () => {
  it.each(filesOf('src/**/*.ts', 'dev/**/*.ts', 'docs/generate/c*.ts'))(
    'in %s is said in plain terms',
    (path) => {
      const texts = textsOf(path)
      expect(texts.flatMap(complaints)).toEqual([])
      expect(texts.filter((text) => QUESTION_FIRST.test(text))).toEqual([])
    },
  )

  it.each(['README.md', '.env.example', ...filesOf('docs/*.md', 'docs/operate/*.md')])(
    'in %s is said in plain terms',
    (path) => {
      expect(textOf(path).split('\n').flatMap(complaints)).toEqual([])
    },
  )
})

describe('the strings of a source', () => {
  it('are found beside comments, divisions, regular expressions and in templates', () => {
    const source = [
      "// 'a comment'",
      "const a = 'it\\'s ' + \"one\" /* 'another' */",
      'const b = `x ${y ? `held ${`deep`}` : "up"} z`',
      "const c = /['\"`]/.test(d) ? e / 2 : 'f'",
    ].join('\n')
    expect(stringLiterals(source)).toEqual(["it's one", 'deep', 'held ${}', 'up', 'x ${} z', 'f'])
  })
})
