import { beforeAll, describe, expect, it } from 'vitest'
import { createActionLog } from '../../../src/state/mongo/actions.ts'
import type { AuditResult, PersonRow } from '../../../src/contracts/audit.ts'
import { holdfast, jsonOf } from '../../support/command.ts'
import { fullHandle } from '../../support/handles.ts'
import { startSignup, expectComplete, label, newPerson, type Person } from '../../support/people.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let person: Person
const chosen = label()
beforeAll(async () => {
  world = await openWorld({ env: { HOLDFAST_GRACE_MINUTES: '0' } })
  await world.startWorker()
  person = await newPerson(world, { handle: chosen })
  await startSignup(world, person)
  await expectComplete(world, person)
})

type Audited = AuditResult & { people?: PersonRow[] }
const audit = async (...args: string[]): Promise<{ code: number | null; document: Audited }> => {
  const { code, document } = await jsonOf(world.env, 'audit', 'atproto', ...args)
  return { code, document: document as unknown as Audited }
}

describe('holdfast audit --id', () => {
  it('looks at that person alone, with the chosen handle beside that of the account', async () => {
    const { code, document } = await audit('--id', person.identity)
    expect(code).toBe(0)
    expect(document.scope).toMatchObject({ id: person.identity, last: null })
    expect(document.people).toMatchObject([
      { identity: person.identity, chosen, handle: fullHandle(world, chosen), state: 'healthy' },
    ])
    expect(document.records['handles']).toMatchObject({ have: 1, due: 1 })
    expect(JSON.stringify(document)).not.toContain(person.email)
  })

  it.each([['audit'], ['backfill'], ['backfill', '--fix', '--yes']])(
    '%s %s: a person whom nobody knows is a negative answer',
    async (command, ...rest) => {
      const { code, stdout } = await holdfast(world.env, command, 'atproto', '--id', 'auth0|nobody', ...rest)
      expect(code).toBe(1)
      expect(stdout).toContain("'auth0|nobody' is unknown")
    },
  )

  it('goes neither with --last nor with --since', async () => {
    const { code, stderr } = await holdfast(world.env, 'audit', 'atproto', '--id', 'auth0|a', '--last', '3')
    expect(code).toBe(2)
    expect(stderr).toContain('--id cannot be combined with --last or --since')
  })
})

describe('holdfast audit --show-email', () => {
  it('shows the addresses of the rows, and records whose were shown, to whom and why', async () => {
    const { document } = await audit('--last', '1', '--show-email', '--reason', 'ticket 512')
    expect(document.people).toMatchObject([{ identity: person.identity, email: person.email }])
    const [record] = await createActionLog(world.db).list({}, 1)
    expect(record).toMatchObject({
      name: 'audit --show-email',
      kind: 'show',
      outcome: 'shown',
      count: 1,
      reason: 'ticket 512',
    })
    expect(record?.subjects).toHaveLength(1)
    const csv = await holdfast(
      ...([world.env, 'audit', 'atproto', '--last', '1', '--format', 'csv'] as const),
      ...(['--show-email', '--reason', 'ticket 512'] as const),
    )
    expect(csv.stdout).toContain(person.email)
  })

  it('needs a reason, and rows to show', async () => {
    const noReason = await holdfast(world.env, 'audit', 'atproto', '--last', '1', '--show-email')
    expect(noReason).toMatchObject({ code: 2, stdout: '' })
    expect(noReason.stderr).toContain('--reason')
    const noRows = await holdfast(world.env, 'audit', 'atproto', '--show-email', '--reason', 'x')
    expect(noRows.stderr).toContain('--last, --since or --id')
  })
})

describe('wrong input of an audit or a backfill is refused before a workflow is started', () => {
  it.each([
    ['audit', ['--since', 'foo'], 'such as 10m, 2h or 3d'],
    ['audit', ['--tenant', 'nope'], "Unknown tenant 'nope'. The tenants are: aesthetic"],
    ['backfill', ['--tenant', 'nope'], "Unknown tenant 'nope'. The tenants are: aesthetic"],
  ])('%s %j', async (command, args, words) => {
    const { count: before } = await world.temporal.workflow.count(`WorkflowType = '${command}'`)
    const { code, stderr } = await holdfast(world.env, command, 'atproto', ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    const { count: after } = await world.temporal.workflow.count(`WorkflowType = '${command}'`)
    expect(after).toBe(before)
  })
})

describe('people within their grace period', () => {
  it('are counted by audit, and are no gap', async () => {
    const young = await openWorld({ env: { HOLDFAST_GRACE_MINUTES: '60' } })
    await young.startWorker()
    const first = await newPerson(young)
    const one = await holdfast(young.env, 'audit', 'atproto')
    expect(one.stdout).toContain('1 person is within the grace period (HOLDFAST_GRACE_MINUTES)')
    const second = await newPerson(young)
    const { document } = await jsonOf(young.env, 'audit', 'atproto')
    expect(document).toMatchObject({ young: 2 })
    for (const { identity } of [first, second]) expect(JSON.stringify(document)).not.toContain(identity)
    const { stdout } = await holdfast(young.env, 'audit', 'atproto')
    expect(stdout).toContain('2 people are within the grace period (HOLDFAST_GRACE_MINUTES)')
  })
})
