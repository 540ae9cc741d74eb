import { describe, expect, it } from 'vitest'
import { COMMANDS, listedCommands } from '../../src/cli/commands.ts'
import { programFor } from '../../src/cli/program.ts'
import { loadSystems, supportedSystems } from '../../src/systems/served.ts'

const systems = await loadSystems(supportedSystems())
const [first] = systems
if (first === undefined) throw new Error('no system')

describe('the overview of commands', () => {
  it.each(listedCommands(systems).map(({ name }) => name))('loads %s by its name', async (name) => {
    const program = await programFor([name])
    expect(program.commands.find((command) => command.name() === name)?.options.length).toBeGreaterThan(0)
  })

  it('has each command once, below a heading', () => {
    const names = listedCommands(systems).map(({ name }) => name)
    const own = systems.flatMap(({ commands }) => commands.map(({ name }) => name))
    expect(names.toSorted()).toEqual([...COMMANDS.map(({ name }) => name), ...own].toSorted())
  })
})

describe('a command that several systems have', () => {
  const verify = (summary: string) => ({
    name: 'verify',
    heading: 'One person' as const,
    summary,
    load: () => Promise.reject(new Error('not loaded')),
  })
  const both = [
    { ...first, name: 'atproto' as const, commands: [verify('of the first')] },
    { ...first, name: 'supabase' as const, commands: [verify('of the second')] },
    { ...first, name: 'medusa' as const, commands: [] },
  ]
  const listed = (preferred?: string) =>
    listedCommands(both, preferred).filter(({ name }) => name === 'verify')

  it('is shown once, and is that of the system that was typed', () => {
    expect(listed()).toMatchObject([{ summary: 'of the first', systems: ['atproto', 'supabase'] }])
    expect(listed('supabase')).toMatchObject([{ summary: 'of the second' }])
    expect(listed('medusa')).toMatchObject([{ summary: 'of the first' }])
  })
})
