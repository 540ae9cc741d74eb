import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'

describe('the overview of commands', () => {
  it.each(COMMANDS.map(({ name, load }) => ({ name, load })))(
    'loads $name by its name',
    async ({ name, load }) => {
      expect((await load())().name()).toBe(name)
    },
  )
})
