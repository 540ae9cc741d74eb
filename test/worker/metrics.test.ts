import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startWorker } from '../../dev/servers/holdfast-process.ts'
import { freePort } from '../../dev/servers/lib/ports.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { WORKER_METRICS } from '../../src/worker/metrics.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { newPerson, reaches, startSignup } from '../support/people.ts'
import { openWorld } from '../support/world.ts'

it("serves the SDK's metrics and the worker's own, which name nobody", async () => {
  const world = await openWorld()
  const logDir = await mkdtemp(join(tmpdir(), 'holdfast-test-worker-metrics-'))
  atEnd(() => rm(logDir, { recursive: true }))
  const port = await freePort()
  const env = { ...world.env, PDS_URL: 'http://127.0.0.1:1', WORKER_METRICS_ADDRESS: `127.0.0.1:${port}` }
  const worker = await startWorker({ env, logDir, progress })
  atEnd(() => worker.stop())
  const person = await newPerson(world)
  await startSignup(world, person)
  await reaches(world, person, 'creating-account')

  const page = await eventually('an activity failed', async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return text.includes('temporal_activity_execution_failed_total') ? text : null
  })
  expect(page).toContain('temporal_workflow_task_schedule_to_start_latency_seconds')
  for (const name of Object.keys(WORKER_METRICS)) expect(page).toMatch(new RegExp(`^${name}[{ ]`, 'm'))
  expect(page).toMatch(/^holdfast_worker_info\{.*build="\d/m)
  for (const personal of [person.identity, person.email]) expect(page).not.toContain(personal)
})
