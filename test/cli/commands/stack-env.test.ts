import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatEnvFile, parseEnvFile } from '../../../src/config/env-file.ts'
import { processStart } from '../../../src/config/process-start.ts'
import { copyCheckout } from '../../support/checkout.ts'
import { runNode, type ProcessResult } from '../../support/command.ts'
import { openWorld, type World } from '../../support/world.ts'

/** Servers to which no command may connect; not a single variable of another stack in the shell may be mixed in. */
const elsewhere = {
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  TEMPORAL_NAMESPACE: 'elsewhere',
  HOLDFAST_KEY: `elsewhere:${randomBytes(32).toString('base64')}`,
  HOLDFAST_ID_KEY: randomBytes(32).toString('base64'),
}

const self = { pid: process.pid, began: processStart(process.pid) ?? '' }

let world: World
let checkout: Awaited<ReturnType<typeof copyCheckout>>
beforeAll(async () => {
  world = await openWorld()
  checkout = await copyCheckout()
})

const list = (env: Readonly<Record<string, string>>, ...args: string[]): Promise<ProcessResult> =>
  runNode([join(checkout.path, 'bin', 'holdfast.js'), 'list', 'atproto', '--json', ...args], env)
const found = {
  code: 0,
  stdout: expect.stringContaining('"signups": []') as string,
}

describe('the servers of a running npm start', () => {
  it("are found by a command in its checkout, whole, whatever the shell's environment says", async () => {
    await checkout.leaveEnv(formatEnvFile(self, world.env))
    expect(await list(elsewhere)).toMatchObject(found)
    const { TEMPORAL_NAMESPACE: _, ...without } = world.env
    await checkout.leaveEnv(formatEnvFile(self, without))
    const mixed = await list({
      TEMPORAL_NAMESPACE: world.env['TEMPORAL_NAMESPACE'] ?? '',
      TEMPORAL_API_KEY: 'shell',
    })
    expect(mixed.code).toBe(0) // in the namespace `default`, which the shell did not name
    await checkout.leaveEnv(formatEnvFile(self, world.env))
  })

  it('are said to be coming up until they are there', async () => {
    await checkout.leaveEnv(formatEnvFile(self, {}))
    const { code, stdout } = await list({})
    expect(code).toBe(2)
    expect(stdout).toContain('`npm start` is still starting')
    expect(await list(world.env, '--use-env')).toMatchObject(found)
    await checkout.leaveEnv(formatEnvFile(self, world.env))
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
    await checkout.leaveEnv(formatEnvFile({ pid: ended.pid ?? 0, began: self.began }, elsewhere))
    expect(await list(world.env)).toMatchObject(found)
    // Its process id belongs to another process now: that one started at another time.
    await checkout.leaveEnv(formatEnvFile({ pid: process.pid, began: `${self.began}0` }, elsewhere))
    expect(await list(world.env)).toMatchObject(found)
    await checkout.leaveEnv("export TEMPORAL_ADDRESS='127.0.0.1:1'\n")
    expect(await list(world.env)).toMatchObject(found)
  })
})

describe('npm start', () => {
  it('leaves its variables for its own user alone, once, and takes them away again', async () => {
    const file = join(checkout.path, '.holdfast', 'env')
    await checkout.leaveEnv(formatEnvFile({ pid: 2 ** 22 + 1, began: '1' }, elsewhere)) // left earlier, readable by all
    const script = join(checkout.path, 'publishes.ts')
    await writeFile(
      script,
      `import { claimEnv, publishEnv, withdrawEnv } from './dev/env-file.ts'
       import { readFileSync, statSync } from 'node:fs'
       const seen = () => [readFileSync(${JSON.stringify(file)}, 'utf8'), statSync(${JSON.stringify(file)}).mode & 0o777]
       const claims = [await claimEnv(), await claimEnv()]
       const claimed = seen()
       await publishEnv({ NAME: "it's" })
       claims.push(await claimEnv())
       const left = seen()
       await withdrawEnv()
       console.log(JSON.stringify({ pid: process.pid, claims, claimed, left }))`,
    )
    const { stdout, stderr } = await runNode([script], {})
    expect(stderr).toBe('')
    const said = JSON.parse(stdout) as {
      pid: number
      claims: boolean[]
      claimed: [string, number]
      left: [string, number]
    }
    expect(said.claims).toEqual([true, false, false])
    const owner = { pid: said.pid, began: expect.stringMatching(/./) as string }
    expect(parseEnvFile(said.claimed[0])).toEqual({ owner, variables: {} })
    expect(parseEnvFile(said.left[0])).toEqual({ owner, variables: { NAME: "it's" } })
    expect([said.claimed[1], said.left[1]]).toEqual([0o600, 0o600])
    expect(await readdir(dirname(file))).toEqual([])
  })

  it("leaves another one's variables where they are", async () => {
    const others = formatEnvFile(self, world.env)
    await checkout.leaveEnv(others)
    const script = join(checkout.path, 'withdraws.ts')
    await writeFile(script, `import { withdrawEnv } from './dev/env-file.ts'\nawait withdrawEnv()\n`)
    expect(await runNode([script], {})).toMatchObject({ code: 0, stderr: '' })
    expect(await readFile(join(checkout.path, '.holdfast', 'env'), 'utf8')).toBe(others)
  })
})
