import { afterEach, expect, it } from 'vitest'
import { atproto } from '../../src/systems/atproto.ts'
import { configureServed, SERVED } from '../../src/systems/served.ts'
import type { ServedSystem } from '../../src/systems/system.ts'

const supabase: ServedSystem = {
  ...atproto,
  name: 'supabase',
  state: {
    kind: 'postgres',
    read: () => ({ kind: 'postgres', url: 'postgres://127.0.0.1/app' }),
    readForApply: () => ({ kind: 'postgres', url: 'postgres://127.0.0.1/app' }),
    variables: () => ({}),
  },
  server: () =>
    Promise.resolve({ configure: () => ({ connect: () => Promise.reject(new Error('not connected')) }) }),
}
afterEach(() => {
  delete SERVED.supabase
})

// The server checks what it serves: a system that is not among these has no check of its workers, and no alert.
it('a server has the parts of the served systems only, and needs no variable of another', async () => {
  SERVED.supabase = () => Promise.resolve(supabase)
  const { systems } = await configureServed('server', ['systems'], { HOLDFAST_SYSTEMS: 'supabase' })
  expect(systems.map(({ system }) => system.name)).toEqual(['supabase'])
})
