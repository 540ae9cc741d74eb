import { beforeAll, describe, expect, it } from 'vitest'
import type { CheckReport } from '../../src/contracts/checks.ts'
import { checked, namesOf, pointStream, putSchedules, serveWorld, type Env } from '../support/checking.ts'
import { holdfast, jsonOf } from '../support/command.ts'
import { startSignup, expectComplete, newPerson } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let env: Env
beforeAll(async () => {
  world = await openWorld()
  env = await serveWorld(world)
  pointStream(world, env)
  await putSchedules(world)
  await world.startWorker()
  const person = await newPerson(world)
  await startSignup(world, person)
  await expectComplete(world, person)
})

const factsOf = (report: CheckReport, name: string): string =>
  report.checks.find((check) => check.name === name)?.facts.join('; ') ?? ''

describe('holdfast check, where everything is as it should be', () => {
  it('finds nothing, says what each check saw, and ends with 0', async () => {
    const { code, document, stderr } = await jsonOf(env, 'check', 'atproto')
    const report = document as unknown as CheckReport
    expect(report.findings).toEqual([])
    expect({ code, stderr, ok: report.ok }).toEqual({ code: 0, stderr: '', ok: true })
    expect(report.checks.filter(({ ok, skipped }) => !ok && skipped === null)).toEqual([])
    expect(factsOf(report, 'mongo-code-index')).toContain('keeps user codes unique')
    expect(factsOf(report, 'auth0-aesthetic-last-event')).toMatch(/last event sv at .*; last signup at /)
    expect(factsOf(report, 'keys')).toMatch(/^decrypts (\d+) of \1 samples$/)
    // The PDS of the tests requires no invite codes, and no administrator has run role.js.
    expect(report.notices.map(({ name }) => name)).toEqual(['actions-index-missing', 'pds-open'])
  })

  it('leaves nothing behind', async () => {
    await checked(env)
    const left = await Promise.all(
      (await world.db.collections()).map((collection) =>
        collection.countDocuments({ _id: /^holdfast-check/ as never }),
      ),
    )
    expect(left.every((count) => count === 0)).toBe(true)
  })
})

describe('holdfast check, where something is wrong', () => {
  it('prints each check, each finding with its fix, and ends with 1', async () => {
    const { code, stdout } = await holdfast({ ...env, PDS_ADMIN_PASSWORD: 'wrong' }, 'check', 'atproto')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✓ temporal +\d+ ms {2}namespace /m)
    expect(stdout).toMatch(/^✗ pds-admin/m)
    expect(stdout).toMatch(/pds-admin-refused: .+\nWhat to do: Correct PDS_ADMIN_PASSWORD/)
    expect(stdout).toMatch(/\n1 finding, 2 notices\.\n$/)
  })

  it('works with half a configuration: names every variable, and checks what it can', async () => {
    const {
      PDS_ADMIN_PASSWORD: _,
      AUTH0_SOTCE_DOMAIN: __,
      ...rest
    } = {
      ...env,
      AUTH0_SOTCE_DOMAIN: '',
      AUTH0_SOTCE_CLIENT_ID: 'of a tenant that lacks the rest',
      HOLDFAST_KEY: 'no key at all',
    } as Record<string, string>
    const report = await checked(rest)
    expect(namesOf(report.findings)).toContain('environment-incomplete')
    const said = report.findings.map(({ sentence }) => sentence).join('\n')
    for (const name of ['PDS_ADMIN_PASSWORD', 'AUTH0_SOTCE_DOMAIN', 'HOLDFAST_KEY'])
      expect(said).toContain(name)
    const skipped = report.checks.filter((check) => check.skipped !== null).map(({ name }) => name)
    expect(skipped).toEqual(expect.arrayContaining(['pds', 'auth0-sotce-scopes', 'keys']))
    for (const name of ['temporal', 'mongo-rights', 'auth0-aesthetic-log-stream', 'webhook-aesthetic'])
      expect(report.checks.find((check) => check.name === name)?.ok, name).toBe(true)
  })

  it('works with nothing at all', async () => {
    const { code, document } = await jsonOf({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'check', 'atproto')
    expect(code).toBe(1)
    const names = namesOf((document as unknown as CheckReport).findings)
    expect(names).toEqual(['environment-incomplete', 'temporal-unreachable'])
  })
})

describe.each([
  [
    'another database that is away',
    { MONGODB_URI: 'mongodb://127.0.0.1:1/?replicaSet=rs0' },
    'mongo-unreachable',
  ],
  ['a PDS that is away', { PDS_URL: 'http://127.0.0.1:1' }, 'pds-unreachable'],
  ['a domain the PDS does not serve', { PDS_HANDLE_DOMAIN: '.other.example.test' }, 'pds-domain-unsupported'],
  ['a namespace that is not there', { TEMPORAL_NAMESPACE: 'nobody-made-this' }, 'temporal-namespace-missing'],
  ['a Temporal that is away', { TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'temporal-unreachable'],
])('holdfast check, with %s', (_, change, name) => {
  it(`finds ${name}, once, and nothing else`, async () => {
    const report = await checked({ ...env, ...change })
    expect(report.findings.map((finding) => finding.name)).toEqual([name])
  })
})
