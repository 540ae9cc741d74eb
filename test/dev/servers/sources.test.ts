import { expect, test } from 'vitest'
import { fromFirstSource, NoSourceError } from '../../../dev/servers/lib/sources.ts'
import type { Source } from '../../../dev/servers/lib/sources.ts'

const failing = (name: string, reason: string): Source => ({
  name,
  get: () => Promise.reject(new Error(reason)),
})
const chain = { what: 'The thing', hint: 'Set HOLDFAST_THING_BIN.' }

test('the first source that provides it is taken and later ones are not asked', async () => {
  const asked: string[] = []
  const path = await fromFirstSource({
    ...chain,
    sources: [
      failing('PATH', 'missing'),
      { name: 'download', get: async () => '/bin/thing' },
      failing('build', 'must not be asked'),
    ],
    onTry: (source) => asked.push(source),
  })
  expect(path).toBe('/bin/thing')
  expect(asked).toEqual(['PATH', 'download'])
})

test('a failure names every source, why it failed, and what would satisfy it, chains within chains too', async () => {
  const inner: Source = {
    name: 'the cache',
    get: () =>
      fromFirstSource({
        ...chain,
        sources: [failing('download', 'refused'), failing('build', 'no compiler')],
      }),
  }
  const error = await fromFirstSource({ ...chain, sources: [failing('PATH', 'missing'), inner] }).catch(
    (e) => e,
  )
  expect(error).toBeInstanceOf(NoSourceError)
  expect(error.message).toBe(
    [
      'The thing could not be found or made. Tried:',
      '  - PATH: missing',
      '  - download: refused',
      '  - build: no compiler',
      'Set HOLDFAST_THING_BIN.',
    ].join('\n'),
  )
})

test('a source that hangs is told to give up and the next one is asked', async () => {
  let toldToGiveUp = false
  const path = await fromFirstSource({
    ...chain,
    sources: [
      {
        name: 'download',
        timeoutMs: 20,
        get: (signal) =>
          new Promise(() => signal.addEventListener('abort', () => void (toldToGiveUp = true))),
      },
      { name: 'build', get: async () => '/bin/thing' },
    ],
  })
  expect(path).toBe('/bin/thing')
  expect(toldToGiveUp).toBe(true)
})
