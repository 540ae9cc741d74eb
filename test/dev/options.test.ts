import { describe, expect, it } from 'vitest'
import { readDevOptions } from '../../dev/options.ts'

describe('npm start', () => {
  it.each([
    [[], { demo: true, useEnv: false }],
    [['--no-demo'], { demo: false, useEnv: false }],
    [['--use-env'], { demo: false, useEnv: true }],
    [['--use-env', '--demo'], { demo: true, useEnv: true }],
    [['--use-env', '--no-demo'], { demo: false, useEnv: true }],
  ])('%j', (args, options) => {
    expect(readDevOptions(args)).toMatchObject(options)
  })

  it.each([
    ['--story', 'before'],
    ['--data', 'there'],
  ])('refuses %s beside --use-env, which starts no servers', (option, value) => {
    expect(() => readDevOptions(['--use-env', option, value])).toThrow('--use-env starts no servers')
  })
})
