import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programFor } from '../../src/cli/program.ts'
import { UsageError } from '../../src/errors.ts'
import { SERVED } from '../../src/systems/served.ts'
import { atproto } from '../../src/systems/atproto.ts'
import type { ServedSystem } from '../../src/systems/system.ts'

const other: ServedSystem = {
  ...atproto,
  name: 'supabase',
  people: {
    ...atproto.people,
    example: { ...atproto.people.example, identity: '7c9e6679', tenant: null },
    tenants: () => ['-'],
    locate: (identity) => (/^[0-9a-f]+$/.test(identity) ? { tenant: '-', userId: identity } : null),
  },
  commands: [],
  repairs: [],
  catchUps: () => [],
  checks: async () => ({ readEnvironment: () => [], checks: () => [], counts: () => [] }),
  onePerson: async () => ({
    resolve: async () => ({ matches: [], unavailable: [] }),
    look: () => Promise.reject(new Error('no store')),
    atProvider: async () => null,
    records: () => Promise.reject(new Error('no store')),
  }),
}
beforeAll(() => void (SERVED.supabase = async () => other))
afterAll(() => void delete SERVED.supabase)

const refusal = async (...args: string[]): Promise<string> => {
  const program = await programFor(args)
  const error: unknown = await program.parseAsync(args, { from: 'user' }).catch((thrown: unknown) => thrown)
  if (!(error instanceof UsageError)) throw error
  return error.message
}

describe('a command or an option that does not apply to a system', () => {
  it.each([
    [['verify', 'supabase', '7c9e6679'], 'supabase has no verify: `verify` applies to atproto.'],
    [['passwords', 'renew', 'supabase'], 'supabase has no passwords: `passwords` applies to atproto.'],
    [
      ['diagnose', 'supabase', '--fix-index'],
      'supabase has no diagnose --fix-index: `diagnose --fix-index` applies to atproto.',
    ],
    [['check', 'supabase', '--probe'], 'supabase has no probe: `check --probe` applies to atproto.'],
    [
      ['audit', 'supabase', '--last', '1', '--show-email', '--reason', 'r'],
      'supabase shows no addresses: `audit --show-email` applies to atproto.',
    ],
    [['catch-up', 'supabase'], 'supabase has no events to read: `catch-up` applies to atproto.'],
    [['audit', 'supabase', '--tenant', 'one'], 'supabase has no tenants: leave --tenant out.'],
  ])('is refused by name: %j', async (args, sentence) => {
    expect(await refusal(...args)).toBe(sentence)
  })

  it('spells an identity as the system does', async () => {
    expect(await refusal('signup', 'supabase', 'auth0|1')).toBe(
      "'auth0|1' is not an identity of supabase. Give the identity as the application stores it, such as '7c9e6679'.",
    )
  })
})

describe('help while several systems are supported', () => {
  const helpOf = async (name: string): Promise<string> => {
    const command = (await programFor([name])).commands.find((one) => one.name() === name)
    return command?.helpInformation() ?? ''
  }

  it('names all systems where all have the command, and its owners where not', async () => {
    expect(await helpOf('list')).toContain('the system: atproto, supabase')
    expect(await helpOf('verify')).toMatch(/the system: atproto$/m)
  })
})
