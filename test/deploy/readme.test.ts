import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ago } from '../../src/cli/print.ts'
import { whyText } from '../../src/cli/why.ts'
import { checkText } from '../../src/cli/check-text.ts'
import type { WhyPage } from '../../src/contracts/why.ts'
import { problemText } from '../../src/domain/problems.ts'
import { textOf } from './files.ts'

const README = textOf('README.md')
const BLOCKS = [...README.matchAll(/^```\n([^]*?)^```$/gm)].map(([, block = '']) => block)

const printed = (command: string): string => {
  const prompt = `$ npx holdfast ${command}`
  const block = BLOCKS.find((one) => one.startsWith(prompt)) ?? ''
  return block.slice(block.indexOf('\n') + 1).trimEnd()
}

/** The person of the example, as `why` has them. */
const AT = '2026-11-21T14:31:02.911Z'
const NOW = Date.parse('2026-11-21T14:33:20.000Z')
const refused = problemText('pds-admin-refused', { system: 'atproto', identity: 'auth0|6123abc', detail: {} })
const line = (at: string, words: string, last = at) => ({ at, last, words })
const page = {
  system: 'atproto',
  tenant: 'aesthetic',
  identity: 'auth0|6123abc',
  stage: 'creating-account',
  stageSince: AT,
  troubles: [{ kind: 'problem', name: 'pds-admin-refused', ...refused, since: AT }],
  stores: [
    ['Auth0', 'e-mail verified, signed up 2026-11-21T14:30:58.004Z'],
    ['verifications', 'count 1'],
    ['users', 'code ac26qolek, no account'],
    ['@handles', 'chose csx'],
    ['PDS', 'no account'],
    ['Temporal', 'signup/atproto/aesthetic/auth0|6123abc, creating-account'],
  ].map(([store = '', says = '']) => ({ store, asked: true, says })),
  history: [
    line('2026-11-21T14:30:58.713Z', 'The verification record stood'),
    line('2026-11-21T14:30:58.713Z', 'The user record stood, with its code'),
    line('2026-11-21T14:31:02.214Z', 'The provider said that the e-mail is verified'),
    line(AT, 'Making the account failed with pds-admin-refused, 4 times', '2026-11-21T14:32:13.377Z'),
  ],
  lastSuccess: { at: '2026-11-21T13:29:40.150Z', build: '0.1.0+4f2a9c1' },
  next: 'The step is tried again at 2026-11-21T14:33:31.002Z, and by the watch as soon as what it waits for is well.',
  fix: refused.fix,
  notices: [],
  status: null,
  known: true,
} as unknown as WhyPage

describe('the examples of the README', () => {
  it('show the page of `why` as it is printed', () => {
    expect(printed('why atproto ac26qolek')).toBe(stripVTControlCharacters(whyText(page, NOW)))
  })

  it('tell times as the commands do', () => {
    const told = BLOCKS.flatMap((block) => block.match(/(?<=\s)\S+(?: [a-z]+\.?)? ago\b/g) ?? [])
    expect(told.length).toBeGreaterThan(4)
    const like = /^\d+[smhd] ago$/
    for (const seconds of [5, 120, 7_200, 172_800])
      expect(ago(new Date(NOW - seconds * 1_000).toISOString(), NOW)).toMatch(like)
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
