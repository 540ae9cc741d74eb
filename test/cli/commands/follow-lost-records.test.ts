import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import type { SignupStatus } from '../../../src/contracts/signup.ts'
import { BIN } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { startSignup, newPerson } from '../../support/people.ts'
import { collections, openWorld } from '../../support/world.ts'

it('D3: list --follow does not call a signup completed whose records are gone', async () => {
  const world = await openWorld()
  const { users, verifications } = collections(world.db)
  await world.startWorker((deps) => ({
    ...deps,
    users: {
      ...deps.users,
      async recordAccount(identity, account) {
        const recorded = await deps.users.recordAccount(identity, account)
        for (const records of [users, verifications]) await records.deleteOne({ _id: identity })
        return recorded
      },
    },
  }))
  const child = spawn(process.execPath, [BIN, 'list', 'atproto', '--follow', '--json', '--use-env'], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...world.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const told: SignupStatus[] = []
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as SignupStatus))

  // A signup from before the first look is not printed.
  const row = await eventually('a completed one is told', async () => {
    await startSignup(world, await newPerson(world))
    return eventually(
      'its end is told',
      () => told.find(({ notices }) => notices.join().includes('has been removed since')),
      5_000,
    )
  })
  expect(row).toMatchObject({ stage: 'recording', code: null, did: null, handle: null })
  expect(told.filter(({ stage }) => stage === 'completed')).toEqual([])

  child.kill('SIGINT')
  const [code] = (await once(child, 'exit')) as [number | null]
  expect(code).toBe(0)
})
