import { expect, it } from 'vitest'
import { configureServed, startAll } from '../../src/systems/served.ts'
import { runTogether } from '../../src/worker/run.ts'

it('stops the systems that started where another one does not start', async () => {
  const stopped: string[] = []
  const starting = startAll(
    [
      () => Promise.resolve('first'),
      () => Promise.reject(new Error('the database of the second does not answer')),
      () => Promise.resolve('third'),
    ],
    (name) => {
      stopped.push(name)
      return Promise.resolve()
    },
  )
  await expect(starting).rejects.toThrow('the database of the second does not answer')
  expect(stopped).toEqual(['first', 'third'])
})

it('ends all workers where one fails, and throws its error', async () => {
  const ending = new AbortController()
  const other = new Promise<void>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve())
  })
  const running = runTogether([() => Promise.reject(new Error('poll refused')), () => other], () =>
    ending.abort(),
  )
  await expect(running).rejects.toThrow('poll refused')
  expect(ending.signal.aborted).toBe(true)
})

it.each(['worker', 'server'] as const)(
  'names an unknown system and what else a %s lacks at once',
  async (part) => {
    await expect(configureServed(part, ['mongo'], { HOLDFAST_SYSTEMS: 'medusa' })).rejects.toThrow(
      /HOLDFAST_SYSTEMS names medusa(?:.|\n)*MONGODB_URI/,
    )
  },
)
