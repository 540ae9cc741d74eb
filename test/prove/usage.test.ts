import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { readProveOptions } from '../../prove/options.ts'
import { readPlan } from '../../prove/plan-file.ts'
import { runNode } from '../support/command.ts'

const PROVE = fileURLToPath(new URL('../../prove/prove.ts', import.meta.url))
const directory = await mkdtemp(join(tmpdir(), 'holdfast-test-prove-'))
afterAll(() => rm(directory, { recursive: true }))

async function kept(name: string, content: string): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, content)
  return path
}

const noJson = await kept('no-json.json', '{')
const noPlan = await kept('no-plan.json', '{"people":[],"story":[{"does":"explode"}],"faults":[]}')
const stranger = await kept(
  'stranger.json',
  '{"people":[{"tenant":"aesthetic","address":0,"via":"form","verifies":true}],"story":[{"does":"verify","who":1}],"faults":[]}',
)

describe('npm run prove, used wrongly', () => {
  it.each([
    [['--seconds', 'soon'], 'whole number from 1'],
    [['--plan', stranger], 'somebody who is not among the people'],
  ])('%j says what is wrong, starts nothing, and ends with 2', async (args, says) => {
    const { code, stdout, stderr } = await runNode([PROVE, ...args], {})
    expect(stderr).toContain(says)
    expect(stderr).not.toMatch(/^ +at .*\.ts/m)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it.each([
    ['none.json', 'ENOENT'],
    [noJson, 'it is no JSON'],
    [noPlan, 'at story[0].does'],
  ])('the plan %s is refused with the reason', async (file, reason) => {
    await expect(readPlan(file)).rejects.toThrow(reason)
    await expect(readPlan(file)).rejects.toBeInstanceOf(UsageError)
  })

  it.each([[['--lanes', '0']], [['--seed', '-1']], [['--faults']], [['now']], [['--rounds', '1.5']]])(
    '%j is refused',
    (args) => expect(() => readProveOptions(args)).toThrow(UsageError),
  )
})

it('draws a seed where none is given', () => {
  expect(readProveOptions([])).toMatchObject({ seconds: 60, lanes: 2, seed: expect.any(Number) })
  expect(readProveOptions(['--seed', '7', '--rounds', '1'])).toMatchObject({ seed: 7, rounds: 1 })
})
