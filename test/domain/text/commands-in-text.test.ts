import { describe, expect, it } from 'vitest'
import { problemNames } from '../../../src/contracts/problems.ts'
import { alertNames } from '../../../src/contracts/alerts.ts'
import { alertText } from '../../../src/domain/alerts.ts'
import { withCommandsAsCode, withRunnableCommands } from '../../../src/domain/text/commands-in-text.ts'
import { problemText } from '../../../src/domain/problems.ts'
import { signupDetails as describeSignup } from '../../../src/workflows/lib/signup-details.ts'

const code = (text: string): string[] =>
  [...withCommandsAsCode(text, 'holdfast').matchAll(/`([^`]+)`/g)].map(([, one]) => one ?? '')

describe('a command in a sentence', () => {
  it.each([
    ['Look: holdfast check atproto. It is tried again.', ['holdfast check atproto']],
    ["to retry now: holdfast retry atproto 'auth0|1'", ["holdfast retry atproto 'auth0|1'"]],
    [
      String.raw`then: holdfast retry atproto 'auth0|o'\''neil' and wait`,
      [String.raw`holdfast retry atproto 'auth0|o'\''neil'`],
    ],
    [
      'then: holdfast retry atproto --problem email-taken 1 signup is blocked: holdfast list atproto --problem email-taken',
      ['holdfast retry atproto --problem email-taken', 'holdfast list atproto --problem email-taken'],
    ],
    ['holdfast backfill atproto --fix and look again', ['holdfast backfill atproto --fix']],
    ['(holdfast list atproto --stage recording); then', ['holdfast list atproto --stage recording']],
    ['holdfast diagnose atproto --fix-index.', ['holdfast diagnose atproto --fix-index']],
    ['holdfast backfill resume 1f2e3d4c-aa', ['holdfast backfill resume 1f2e3d4c-aa']],
    [
      'Which one? holdfast quarantine atproto show <id>; list shows the ids.',
      ['holdfast quarantine atproto show <id>'],
    ],
    ['To see it: holdfast backfill atproto; to repair it: --fix', ['holdfast backfill atproto']],
    [
      "in mongosh: db.users.dropIndex('code_1'); db.users.createIndex({ code: 1 }, { unique: true })",
      ["db.users.dropIndex('code_1'); db.users.createIndex({ code: 1 }, { unique: true })"],
    ],
    ['Holdfast only observes; holdfast goes on', []],
  ])('is found to its end: %s', (text, commands) => {
    expect(code(text)).toEqual(commands)
  })

  it('is called as it can be pasted, once', () => {
    const typed = withRunnableCommands(
      'See: holdfast check atproto, or npx holdfast list atproto',
      'npx holdfast',
    )
    expect(typed).toBe('See: npx holdfast check atproto, or npx holdfast list atproto')
    expect(withRunnableCommands(typed, 'npx holdfast')).toBe(typed)
    expect(withRunnableCommands(typed, 'holdfast')).toBe(
      'See: holdfast check atproto, or holdfast list atproto',
    )
  })

  it('stays one code although the identity holds backticks', () => {
    const text = withCommandsAsCode("holdfast why atproto 'auth0|a`b'", 'holdfast')
    expect(text).toBe("`` holdfast why atproto 'auth0|a`b' ``")
  })

  it('is found in every fix that names one', () => {
    const context = { system: 'atproto', identity: "auth0|o'neil", detail: {} }
    const fixes = [
      ...problemNames('atproto').map((name) => problemText(name, context).fix),
      ...alertNames('atproto').map(
        (name) => alertText({ name, count: 2, since: new Date().toISOString() }, 'atproto').fix,
      ),
    ]
    for (const fix of fixes) {
      const named = fix.match(/(?<![\w.])holdfast [a-z]/g)?.length ?? 0
      expect(
        code(fix).filter((one) => one.startsWith('holdfast ')),
        fix,
      ).toHaveLength(named)
    }
  })
})

it("is code on Temporal's page, where plain quotes become typographic", () => {
  const identity = 'auth0|6123abc'
  const details = describeSignup({
    system: 'atproto',
    tenant: 'aesthetic',
    identity,
    workflowId: `signup/atproto/aesthetic/${identity}`,
    stage: 'creating-account',
    stageSince: '2026-01-02T03:04:05.000Z',
    problem: {
      name: 'email-taken',
      ...problemText('email-taken', { system: 'atproto', identity, detail: {} }),
      since: '2026-01-02T03:04:05.000Z',
      attempts: 1,
      nextTryAt: null,
    },
    code: null,
    handle: null,
    did: null,
    notices: [],
  })
  expect(details).toContain(`\`npx holdfast retry atproto '${identity}'\``)
})
