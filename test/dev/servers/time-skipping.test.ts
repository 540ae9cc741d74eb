import { TestWorkflowEnvironment } from '@temporalio/testing'
import { expect, test, vi } from 'vitest'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { timeSkippingExecutable } from '../../support/time-skipping-server.ts'
import { patience } from '../../support/patience.ts'

vi.setConfig({ testTimeout: patience(600_000) })

test('thirty days pass at once', async () => {
  const executable = await timeSkippingExecutable({ progress })
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })
  try {
    const before = await environment.currentTimeMs()
    await environment.sleep('30 days')
    const passed = (await environment.currentTimeMs()) - before
    expect(passed).toBeGreaterThanOrEqual(30 * 86_400_000)
  } finally {
    await environment.teardown()
  }
})
