import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { parseSignupWorkflowId, signupWorkflowId } from '../../src/contracts/ids.ts'
import { SYSTEMS, systemOfTaskQueue, taskQueueOf } from '../../src/contracts/systems.ts'
import { withRunnableCommands } from '../../src/domain/text/commands-in-text.ts'
import { SERVED, loadSystems, supportedSystems } from '../../src/systems/served.ts'

declare module '../../src/contracts/systems.ts' {
  interface SystemNames {
    added: true
  }
}

const hash = (identity: string): string => identity

describe('a system that is added before anything starts', () => {
  beforeAll(() => {
    SYSTEMS.added = true
    SERVED.added = () => Promise.reject(new Error('loaded'))
  })
  afterAll(() => {
    delete SYSTEMS.added
    delete SERVED.added
  })

  it('is known by its queue and by the ids of its workflows', () => {
    expect(systemOfTaskQueue(taskQueueOf('added'))).toBe('added')
    const id = signupWorkflowId('added', '-', 'x1', hash)
    expect(parseSignupWorkflowId(id)).toEqual({ system: 'added', tenant: '-', identity: 'x1' })
  })

  it('is accepted in HOLDFAST_SYSTEMS, and loaded', async () => {
    expect(loadConfig(['systems'], { HOLDFAST_SYSTEMS: 'added' }).systems).toEqual(['added'])
    expect(supportedSystems()).toContain('added')
    await expect(loadSystems(['added'])).rejects.toThrow('loaded')
  })

  it('makes its commands runnable in texts', () => {
    expect(withRunnableCommands('See: holdfast list added', 'npx holdfast')).toBe(
      'See: npx holdfast list added',
    )
  })
})

it('names what is supported where a system is known and not supported', async () => {
  await expect(loadSystems(['medusa'])).rejects.toThrow(
    'names medusa, which this version of Holdfast does not support; it supports atproto',
  )
})
