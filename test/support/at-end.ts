import { afterAll } from 'vitest'

const tasks: (() => Promise<unknown>)[] = []

/**
 * Runs `task` at the end of the test file, last asked for first. Good within `beforeAll` too, where Vitest takes an
 * `afterAll` without a word and never runs it: this module asks for its own while the file is collected.
 */
export function atEnd(task: () => Promise<unknown>): void {
  tasks.push(task)
}

afterAll(async () => {
  for (const task of tasks.splice(0).toReversed()) await task()
})
