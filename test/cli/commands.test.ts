import { describe, expect, it } from 'vitest'
import { COMMANDS, GROUPS } from '../../src/cli/commands.ts'

describe('the overview of commands', () => {
  it.each(COMMANDS.map(({ name, load }) => ({ name, load })))(
    'loads $name by its name',
    async ({ name, load }) => {
      expect((await load())().name()).toBe(name)
    },
  )

  it('has each command under one heading', () => {
    const names = Object.values(GROUPS).flat()
    expect(names.toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted())
  })
})
