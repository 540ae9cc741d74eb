import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { SignupPage } from '../../src/client/signup-reader.ts'
import type { SignupStatus } from '../../src/contracts/signup.ts'

export const BIN = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url))

export interface ProcessResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a script in its own process, with no variables but those of `env`. */
export async function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { node = process.execPath, cwd }: { node?: string; cwd?: string } = {},
): Promise<ProcessResult> {
  const child = spawn(node, args, {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  })
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, stdout, stderr }
}

/** Runs the `holdfast` command as an operator types it, on the servers that `env` names. */
export function holdfast(env: Readonly<Record<string, string>>, ...args: string[]): Promise<ProcessResult> {
  return runNode([BIN, ...args, '--use-env'], env)
}

/** The output of `--json`; standard output has to be exactly one document. */
export interface CommandResult<T> {
  readonly code: number | null
  readonly document: T
  readonly stderr: string
}

type Env = Readonly<Record<string, string>>

export async function jsonOf(env: Env, ...args: string[]): Promise<CommandResult<Record<string, unknown>>> {
  const { code, stdout, stderr } = await holdfast(env, ...args, '--json')
  return { code, document: JSON.parse(stdout) as Record<string, unknown>, stderr }
}

export async function statusOf(env: Env, ...args: string[]): Promise<CommandResult<SignupStatus>> {
  return (await jsonOf(env, ...args)) as unknown as CommandResult<SignupStatus>
}

export async function pageOf(env: Env, ...args: string[]): Promise<CommandResult<SignupPage>> {
  return (await jsonOf(env, ...args)) as unknown as CommandResult<SignupPage>
}
