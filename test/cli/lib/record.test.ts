import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createActionRecorder } from '../../../src/cli/lib/action-recorder.ts'
import { atprotoCommands, atprotoRepairs } from '../../../src/cli/atproto/commands.ts'
import { supabaseCommands } from '../../../src/cli/supabase/commands.ts'
import { COMMANDS } from '../../../src/cli/commands.ts'
import type { Action, ActionKind, ActionOutcome } from '../../../src/contracts/actions.ts'
import type { OperatorRole } from '../../../src/domain/operators.ts'

/**
 * Commands that show no sealed value and change nothing. A command that is in no such list has to record its action.
 */
const READING = [
  'status',
  'why',
  'list',
  'alerts',
  'totals',
  'workers',
  'audit',
  'actions',
  'operators',
  'diagnose',
]
/** Actions that a command begins in another module. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  retry: ['parts/retry-many'],
  keys: ['parts/keys-seal'],
}

const sourceOf = (name: string): string => {
  const files = ['commands', 'atproto', 'supabase'].map((folder) =>
    fileURLToPath(new URL(`../../../src/cli/${folder}/${name}.ts`, import.meta.url)),
  )
  return files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('')
}
const COMMAND_NAMES = [
  ...[...COMMANDS, ...atprotoCommands, ...supabaseCommands].map(({ name }) => name),
  ...atprotoRepairs.map(({ option }) => option.slice(2)),
]

describe('X4: the record of actions', () => {
  it.each(COMMAND_NAMES.filter((name) => !READING.includes(name)))('is begun by %s', (name) => {
    for (const module of [name, ...(ELSEWHERE[name] ?? [])])
      expect(sourceOf(module), module).toMatch(/act(?:ing|ions)\.begin\(/)
  })

  it.each(READING)('is not needed by %s, which asserts no right to write', (name) => {
    expect(sourceOf(name)).not.toMatch(/assertWrites\(\)/)
  })
})

function recording(role: OperatorRole | null) {
  const lines: (Action | ({ readonly id: string } & ActionOutcome))[] = []
  const acting = createActionRecorder('atproto', {
    actions: async () => ({
      async begin(action: Action) {
        lines.push(action)
        return `action-${lines.length}`
      },
      async end(id: string, outcome: ActionOutcome) {
        lines.push({ id, ...outcome })
      },
      list: async () => [],
    }),
    configured: () => (role === null ? null : { name: 'ana', role }),
    hash: (identity) => `hash of ${identity}`,
  })
  return { acting, lines }
}

describe('X4: an action that is recorded', () => {
  it('says whose data, by whom, with which key, and what became of it', async () => {
    const { acting, lines } = recording('admin')
    await acting.begin({ name: 'password', kind: 'show', people: ['auth0|1'], reason: 'ticket' })
    await acting.shown({ keyIds: ['k2'], count: 1 })
    await acting.end('succeeded', null)
    expect(lines).toEqual([
      {
        system: 'atproto',
        name: 'password',
        kind: 'show',
        subjects: ['hash of auth0|1'],
        scope: null,
        reason: 'ticket',
        by: { name: 'ana', verified: true, via: 'command' },
      },
      { id: 'action-1', outcome: 'shown', keyIds: ['k2'], count: 1, error: null },
    ])
  })

  it('without a token is by the user and host, unverified', () => {
    const { acting } = recording(null)
    expect(acting.caller()).toMatchObject({
      verified: false,
      name: expect.stringContaining(' on ') as string,
    })
  })

  it('ends as failed where its command does', async () => {
    const { acting, lines } = recording(null)
    await acting.begin({ name: 'delete', kind: 'destroy', people: ['auth0|1'] })
    await acting.end('failed', 'mongo-unreachable')
    expect(lines[1]).toMatchObject({ outcome: 'failed', error: 'mongo-unreachable', keyIds: [] })
  })

  it.each<[OperatorRole, ActionKind[]]>([
    ['viewer', []],
    ['operator', ['change']],
    ['admin', ['show', 'change', 'destroy']],
  ])('is refused before it is begun where the role is %s and may only %j', async (role, allowed) => {
    for (const kind of ['show', 'change', 'destroy'] as const) {
      const { acting, lines } = recording(role)
      const begun = acting.begin({ name: 'x', kind })
      if (allowed.includes(kind)) await begun
      else await expect(begun).rejects.toThrow(`ana has the role ${role}`)
      expect(lines).toHaveLength(allowed.includes(kind) ? 1 : 0)
    }
  })

  it('is refused to a role below the one it requires', async () => {
    const change = { name: 'backfill --fix', kind: 'change', requires: 'admin' } as const
    await expect(recording('operator').acting.begin(change)).rejects.toThrow('requires the role admin')
    await recording('admin').acting.begin(change)
  })
})
