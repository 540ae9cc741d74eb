import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { relativeTime } from '../../src/cli/format/print.ts'
import { whyText } from '../../src/cli/commands/why.ts'
import { checkText } from '../../src/cli/format/check.ts'
import type { WhyPage } from '../../src/contracts/why.ts'
import { problemText } from '../../src/domain/problems.ts'
import { documents } from './documents.ts'

const BLOCKS = documents().flatMap(({ blocks }) => blocks)

const printed = (command: string): string => {
  const prompt = `$ npx holdfast ${command}`
  const block = BLOCKS.find((one) => one.startsWith(prompt)) ?? ''
  return block.slice(block.indexOf('\n') + 1).trimEnd()
}

/** The person of the example, in the form that `why` has. */
const AT = '2026-11-21T14:31:02.911Z'
const NOW = Date.parse('2026-11-21T14:33:20.000Z')
const refused = problemText('pds-admin-refused', { system: 'atproto', identity: 'auth0|6123abc', detail: {} })
const line = (at: string, text: string, last = at) => ({ at, last, text })
const page = {
  system: 'atproto',
  tenant: 'aesthetic',
  identity: 'auth0|6123abc',
  stage: 'creating-account',
  stageSince: AT,
  problems: [{ kind: 'problem', name: 'pds-admin-refused', ...refused, since: AT }],
  stores: [
    ['Auth0', 'e-mail verified, signed up 2026-11-21T14:30:58.004Z'],
    ['verifications', 'count 1'],
    ['users', 'code ac26qolek, no account'],
    ['@handles', 'chose csx'],
    ['Holdfast', 'remembers code ac26qolek, no account'],
    ['PDS', 'no account'],
    ['Temporal', 'signup/atproto/aesthetic/auth0|6123abc, creating-account'],
  ].map(([store = '', text = '']) => ({ store, answered: true, text })),
  history: [
    line('2026-11-21T14:30:58.713Z', 'Verification record written'),
    line('2026-11-21T14:30:58.713Z', 'User record written, with its code'),
    line('2026-11-21T14:31:02.214Z', 'E-mail verified at the provider'),
    line(AT, 'Creating the account failed with pds-admin-refused, 4 times', '2026-11-21T14:32:13.377Z'),
  ],
  lastSuccess: { at: '2026-11-21T13:29:40.150Z', build: '0.1.0+4f2a9c1' },
  next: 'The step is retried at 2026-11-21T14:33:31.002Z, or as soon as watch finds the cause fixed.',
  fix: refused.fix,
  notices: [],
  status: null,
  known: true,
} as unknown as WhyPage

describe('the examples of the documents', () => {
  it('show the page of `why` as it is printed', () => {
    expect(printed('why atproto ac26qolek')).toBe(stripVTControlCharacters(whyText(page, NOW)))
  })

  it('tell times as the commands do', () => {
    const told = BLOCKS.flatMap((block) => block.match(/(?<=\s)\S+(?: [a-z]+\.?)? ago\b/g) ?? [])
    expect(told.length).toBeGreaterThan(4)
    const like = /^\d+[smhd] ago$/
    for (const seconds of [5, 120, 7_200, 172_800])
      expect(relativeTime(new Date(NOW - seconds * 1_000).toISOString(), NOW)).toMatch(like)
    for (const words of told) expect(words).toMatch(like)
  })

  it('line up the checks as `check` does', () => {
    const shown = printed('check atproto').match(/^[✓✗] .+$/gm) ?? []
    const checks = shown.map((row) => {
      const [, mark = '', name = '', ms = '', fact = ''] = /^(.) (\S+) +(\d+) ms {2}(.+)$/.exec(row) ?? []
      return { name, ok: mark === '✓', ms: Number(ms), skipped: null, facts: [fact] }
    })
    const lines = stripVTControlCharacters(checkText({ ok: false, findings: [], notices: [], checks })).split(
      '\n',
    )
    expect(shown).toEqual(lines.slice(0, shown.length))
  })
})
