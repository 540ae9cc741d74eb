import { MockActivityEnvironment } from '@temporalio/testing'
import { describe, expect, it } from 'vitest'
import type { AtprotoDeps } from '../../../src/activities/atproto/deps.ts'
import { withWriteGuards } from '../../../src/worker/atproto/write-guards.ts'
describe('T1: a step whose time is up', () => {
  it('begins no further write, and reads what it likes', async () => {
    const calls: string[] = []
    const parts = new Proxy({} as AtprotoDeps, {
      get: () => ({
        ensure: () => Promise.resolve(calls.push('ensure')),
        load: () => Promise.resolve(calls.push('load')),
      }),
    })
    const { users } = withWriteGuards(parts, () => Promise.resolve())
    const environment = new MockActivityEnvironment()
    const step = async (): Promise<void> => {
      await users.ensure('auth0|1', new Date(), { by: 'index' })
      environment.cancel()
      await users.load('auth0|1')
      await users.ensure('auth0|1', new Date(), { by: 'index' })
    }
    await expect(environment.run(step)).rejects.toThrow('CANCELLED')
    expect(calls).toEqual(['ensure', 'load'])
  })
})
