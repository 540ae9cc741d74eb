import { describe, expect, it } from 'vitest'
import { allChecks } from '../../src/checks/all.ts'
import { openCheckContext, type CheckedSystem } from '../../src/checks/context.ts'
import { runChecks } from '../../src/checks/run-checks.ts'
import type { SystemChecks } from '../../src/checks/system-checks.ts'
import { IN_MONGODB } from '../../src/config/state.ts'
import { ConfigError } from '../../src/config.ts'

const served: CheckedSystem = {
  name: 'supabase',
  people: {
    example: { identity: '1', tenant: null, words: [], wordsAre: 'an address', problem: 'step-slow' },
    isIdentity: () => true,
    tenants: () => ['-'],
    locate: (identity) => ({ tenant: '-', userId: identity }),
  },
  state: IN_MONGODB,
  settings: () => ({}),
  catchUps: () => [],
}
const checks: SystemChecks = {
  readEnvironment() {
    throw new ConfigError(['SUPABASE_DB_URL is missing'])
  },
  checks: () => [{ name: 'profiles', run: () => Promise.resolve({ facts: ['has every table'] }) }],
  counts: () => [],
}

describe('the checks of a system', () => {
  const context = openCheckContext(served, {})
  const all = allChecks(context, checks)

  it('are its own between those of every system', () => {
    const names = all.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['environment', 'temporal', 'mongo', 'profiles', 'server']))
    expect(names.filter((name) => /auth0|pds|webhook/.test(name))).toEqual([])
  })

  it('name what the environment lacks, in the general variables and in its own', async () => {
    const report = await runChecks(
      'supabase',
      all.filter(({ name }) => ['environment', 'profiles'].includes(name)),
    )
    const sentences = report.findings.map(({ sentence }) => sentence).join()
    expect(sentences).toContain('SUPABASE_DB_URL is missing')
    expect(sentences).toContain('MONGODB_URI is missing')
    expect(sentences).not.toContain('AUTH0')
    expect(report.checks).toMatchObject([{ ok: false }, { ok: true, facts: ['has every table'] }])
  })
})
