import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseEnvFile } from './config/env-file.ts'
import { processStart } from './config/process-start.ts'
import type { Env } from './config/read.ts'
import { withReadableSecretFiles, withSecretFiles } from './config/secret-files.ts'
import { readSections, type Section, type Sections } from './config/sections.ts'

export { ConfigError, type Env } from './config/read.ts'
export { withReadableSecretFiles } from './config/secret-files.ts'
export type { CallerConfig } from './config/operators.ts'
export type { Section, Sections } from './config/sections.ts'

/** File in which `npm start` leaves the variables of its servers, for commands run in the same checkout. */
export const STACK_ENV_FILE = fileURLToPath(new URL('../.holdfast/env', import.meta.url))

/**
 * The environment as typed configuration: only the requested sections. Nothing else in the project reads `process.env`.
 * Throws one `ConfigError` that names every missing or malformed variable.
 */
export function loadConfig<S extends Section>(
  sections: readonly S[],
  env: Env = process.env,
): Pick<Sections, S> {
  return readSections(sections, withSecretFiles(env))
}

/**
 * The environment of a command. While `npm start` runs, it is that of its servers alone, never mixed with the shell's;
 * otherwise, or where `useShell` is set, it is the shell's. An `npm start` that is still starting has no servers yet,
 * so its environment is empty.
 */
export function commandEnv(useShell: boolean): { env: Env; from: 'shell' | 'npm start' | 'coming up' } {
  const stack = useShell ? null : readStackEnv()
  if (stack === null) return { env: process.env, from: 'shell' }
  return { env: stack, from: Object.keys(stack).length === 0 ? 'coming up' : 'npm start' }
}

/**
 * The shell's environment, for the few settings that are not Holdfast's own: PATH, HOME, colours, overrides of
 * binaries.
 */
export function shellEnv(): Env {
  return process.env
}

/** The environment of this process, with the secrets that come from files, for the answers of systems about people. */
export function processEnv(): Env {
  return withReadableSecretFiles(process.env)
}

/**
 * Null where no process serves what the file says: the file was left behind, and its owner's pid may belong to another
 * process now.
 */
function readStackEnv(): Env | null {
  try {
    const { owner, variables } = parseEnvFile(readFileSync(STACK_ENV_FILE, 'utf8'))
    return owner !== null && processStart(owner.pid) === owner.began ? variables : null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
