import { afterAll } from 'vitest'

const tasks: (() => Promise<unknown>)[] = []

/**
 * Runs `task` at the end of the test file, in reverse order of the calls. It also works within `beforeAll`, where
 * Vitest accepts an `afterAll` silently and never runs it: this module registers its own while the file is collected.
 */
export function atEnd(task: () => Promise<unknown>): void {
  tasks.push(task)
}

afterAll(async () => {
  for (const task of tasks.splice(0).toReversed()) await task()
})
