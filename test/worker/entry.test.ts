import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { runNode } from '../support/command.ts'
import { openWorld, type World } from '../support/world.ts'

const WORKER = fileURLToPath(new URL('../../src/worker.ts', import.meta.url))

let world: World
beforeAll(async () => {
  world = await openWorld()
})

describe('the worker refuses to start', () => {
  it.each([
    ['in a mode it does not know', { HOLDFAST_MODE: 'Observe' }, 'HOLDFAST_MODE must be observe'],
    ['for a system it does not serve', { HOLDFAST_SYSTEMS: 'atproto,medusa' }, 'HOLDFAST_SYSTEMS'],
    ['without its keys', { HOLDFAST_KEY: '', HOLDFAST_ID_KEY: '' }, 'HOLDFAST_ID_KEY is missing'],
    ['without being told how passwords are stored', { PDS_PASSWORD_STORAGE: '' }, 'PDS_PASSWORD_STORAGE'],
  ])('%s', async (_, change, named) => {
    const { code, stderr } = await runNode([WORKER], { ...world.env, ...change })
    expect(code).toBe(2)
    expect(stderr).toContain(named)
  })
})
