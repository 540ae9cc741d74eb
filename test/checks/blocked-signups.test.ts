import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CheckFinding, CheckReport, Diagnosis } from '../../src/contracts/checks.ts'
import { startWorker } from '../../dev/servers/holdfast-process.ts'
import { startPds } from '../../dev/servers/pds/pds.ts'
import { startPlc } from '../../dev/servers/pds/plc.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import type { EmbeddedServer } from '../../dev/servers/lib/server.ts'
import { atEnd } from '../support/at-end.ts'
import { jsonOf } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { startSignup, expectComplete, meets, newPerson, retry } from '../support/people.ts'
import { openWorld, type World } from '../support/world.ts'

/** A signup counts as blocked a minute after its first failure; each check runs a new command. */
const SHOWN_MS = 150_000

let world: World
beforeAll(async () => {
  const plc = await startPlc({ progress })
  atEnd(() => plc.stop())
  const pds = await startPds({ plcUrl: plc.url, progress, inviteRequired: true })
  atEnd(() => pds.stop())
  world = await openWorld({ pdsUrl: pds.url, pdsAdminPassword: pds.adminPassword })
})

async function workerWith(env: Readonly<Record<string, string>> = {}): Promise<EmbeddedServer> {
  const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-blocked-'))
  atEnd(() => rm(logDir, { recursive: true }))
  const worker = await startWorker({ env: { ...world.env, ...env }, logDir, progress })
  atEnd(() => worker.stop())
  await eventually('the worker reports itself', () =>
    world.db.collection('holdfast_workers').findOne({ pid: worker.pid }),
  )
  return worker
}

const blocked = (findings: readonly CheckFinding[] = []): CheckFinding[] =>
  findings.filter(({ name }) => name === 'blocked-despite-check')

const check = async (): Promise<CheckReport> =>
  (await jsonOf(world.env, 'check', 'atproto')).document as unknown as CheckReport

describe('a worker that was started with another PDS_ADMIN_PASSWORD', { timeout: SHOWN_MS * 2 }, () => {
  it('is named by check and diagnose beside the check that succeeds, until its signups have gone on', async () => {
    const first = await workerWith()
    await first.stop()
    const second = await workerWith({ PDS_ADMIN_PASSWORD: 'not the password' })
    const person = await newPerson(world)
    await startSignup(world, person)
    const { problem } = await meets(world, person, 'pds-admin-refused')

    const report = await eventually(
      'check shows it',
      async () => {
        const seen = await check()
        return blocked(seen.findings).length > 0 && seen
      },
      SHOWN_MS,
    )
    expect(report.checks.find(({ name }) => name === 'pds-admin')?.ok).toBe(true)
    expect(blocked(report.findings)).toHaveLength(1)
    const [finding] = blocked(report.findings)
    expect(finding?.sentence).toContain(
      `1 signup has been blocked by pds-admin-refused since ${problem?.since}`,
    )
    expect(finding?.sentence).toMatch(
      new RegExp(`A different value is set in the worker ${second.pid}@\\S+ \\(PDS_ADMIN_PASSWORD\\)\\.$`),
    )
    expect(finding?.fix).toContain('holdfast retry atproto --problem pds-admin-refused')
    const diagnosis = (await jsonOf(world.env, 'diagnose', 'atproto')).document as unknown as Diagnosis
    expect(blocked(diagnosis.check.findings)).toEqual([finding])
    expect(diagnosis.next).toContain(finding?.fix)

    await second.stop()
    await workerWith()
    await retry(world, person)
    await expectComplete(world, person)
    await eventually('check shows it no more', async () => blocked((await check()).findings).length === 0)
  })
})
