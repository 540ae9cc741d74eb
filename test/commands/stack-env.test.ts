import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatEnvFile, parseEnvFile } from '../../src/config/env-file.ts'
import { copyCheckout } from '../support/checkout.ts'
import { runNode, type Ran } from '../support/command.ts'
import { openWorld, type World } from '../support/world.ts'

/** Servers nobody may be led to; the variables of another stack in the shell must not even be mixed in. */
const elsewhere = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  TEMPORAL_NAMESPACE: 'elsewhere',
  HOLDFAST_KEY: `elsewhere:${Buffer.alloc(32).toString('base64')}`,
  HOLDFAST_ID_KEY: Buffer.alloc(32).toString('base64'),
}

let world: World
let checkout: Awaited<ReturnType<typeof copyCheckout>>
beforeAll(async () => {
  world = await openWorld()
  checkout = await copyCheckout()
})

const list = (env: Readonly<Record<string, string>>, ...args: string[]): Promise<Ran> =>
  runNode([join(checkout.path, 'bin', 'holdfast.js'), 'list', 'atproto', '--json', ...args], env)
const found = {
  code: 0,
  stdout: expect.stringContaining('"signups": []') as string,
}

describe('the servers of a running npm start', () => {
  it("are found by a command in its checkout, whole, whatever the shell's environment says", async () => {
    await checkout.leaveEnv(formatEnvFile(process.pid, world.env))
    expect(await list(elsewhere)).toMatchObject(found)
    const { HOLDFAST_KEY = '', HOLDFAST_ID_KEY = '', TEMPORAL_ADDRESS = '' } = world.env
    const without = { TEMPORAL_ADDRESS, HOLDFAST_KEY, HOLDFAST_ID_KEY }
    await checkout.leaveEnv(formatEnvFile(process.pid, without))
    const mixed = await list({
      TEMPORAL_NAMESPACE: world.env['TEMPORAL_NAMESPACE'] ?? '',
      TEMPORAL_API_KEY: 'shell',
    })
    expect(mixed.code).toBe(0) // in the namespace `default`, which the shell did not name
    await checkout.leaveEnv(formatEnvFile(process.pid, world.env))
  })

  it('are left alone by --use-env', async () => {
    const { code, stdout } = await list(elsewhere, '--use-env')
    expect(code).toBe(2)
    expect(stdout).toContain('No connection to Temporal at 127.0.0.1:1')
    expect(await list(world.env, '--use-env')).toMatchObject(found)
  })

  it('are no longer looked for when the process that served them is gone', async () => {
    const ended = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await once(ended, 'exit')
    await checkout.leaveEnv(formatEnvFile(ended.pid ?? 0, elsewhere))
    expect(await list(world.env)).toMatchObject(found)
    await checkout.leaveEnv("export TEMPORAL_ADDRESS='127.0.0.1:1'\n")
    expect(await list(world.env)).toMatchObject(found)
  })
})

describe('npm start', () => {
  it('leaves its variables for its own user alone, once, and takes them away again', async () => {
    const file = join(checkout.path, '.holdfast', 'env')
    await checkout.leaveEnv(formatEnvFile(2 ** 22 + 1, elsewhere)) // left behind, readable by all
    const script = join(checkout.path, 'publishes.ts')
    await writeFile(
      script,
      `import { publishEnv, withdrawEnv } from './src/dev/env-file.ts'
       import { readFileSync, statSync } from 'node:fs'
       const seen = () => [readFileSync(${JSON.stringify(file)}, 'utf8'), statSync(${JSON.stringify(file)}).mode & 0o777]
       const first = await publishEnv({ NAME: "it's" })
       const left = seen()
       const again = await publishEnv({ NAME: 'another' })
       const still = seen()
       await withdrawEnv()
       console.log(JSON.stringify({ pid: process.pid, first, again, left, still }))`,
    )
    const { stdout, stderr } = await runNode([script], {})
    expect(stderr).toBe('')
    const said = JSON.parse(stdout) as {
      pid: number
      first: boolean
      again: boolean
      left: [string, number]
      still: [string, number]
    }
    expect([said.first, said.again]).toEqual([true, false])
    expect(parseEnvFile(said.left[0])).toEqual({ pid: said.pid, variables: { NAME: "it's" } })
    expect(said.left[1]).toBe(0o600)
    expect(said.still).toEqual(said.left)
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it("leaves another one's variables where they are", async () => {
    const others = formatEnvFile(process.pid, world.env)
    await checkout.leaveEnv(others)
    const script = join(checkout.path, 'withdraws.ts')
    await writeFile(script, `import { withdrawEnv } from './src/dev/env-file.ts'\nawait withdrawEnv()\n`)
    expect(await runNode([script], {})).toMatchObject({ code: 0, stderr: '' })
    expect(await readFile(join(checkout.path, '.holdfast', 'env'), 'utf8')).toBe(others)
  })
})
