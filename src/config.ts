import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseEnvFile } from './config/env-file.ts'
import type { Env } from './config/read.ts'
import { readSections, type Section, type Sections } from './config/sections.ts'

export { ConfigError, type Env } from './config/read.ts'
export type { Section, Sections } from './config/sections.ts'

/** Where `npm start` leaves the variables of its servers, for commands run in the same checkout. */
export const STACK_ENV_FILE = fileURLToPath(new URL('../.holdfast/env', import.meta.url))

/**
 * The environment as typed configuration, the sections asked for and no more. Nothing else in the project
 * reads `process.env`. Throws one `ConfigError` that names every missing or malformed variable.
 */
export function loadConfig<S extends Section>(
  sections: readonly S[],
  env: Env = process.env,
): Pick<Sections, S> {
  return readSections(sections, env)
}

/**
 * The environment a command acts in: the servers of a running `npm start` where there is one, whole, never
 * mixed with the shell's; the shell's own otherwise, or when `useShell` says so.
 */
export function commandEnv(useShell: boolean): { env: Env; from: 'shell' | 'npm start' } {
  const stack = useShell ? null : readStackEnv()
  return stack === null ? { env: process.env, from: 'shell' } : { env: stack, from: 'npm start' }
}

/** The shell's environment, for the few things that are not Holdfast's own: PATH, HOME, colours, overrides of binaries. */
export function shellEnv(): Env {
  return process.env
}

function readStackEnv(): Env | null {
  try {
    const { pid, variables } = parseEnvFile(readFileSync(STACK_ENV_FILE, 'utf8'))
    return pid !== null && isAlive(pid) ? variables : null
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
