import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { commandEnv, STACK_ENV_FILE } from '../config.ts'
import { formatEnvFile, parseEnvFile } from '../config/env-file.ts'

/** Leaves the variables of this stack where commands run in the checkout find them. False when another `npm start` has it. */
export async function publishEnv(variables: Readonly<Record<string, string>>): Promise<boolean> {
  if (commandEnv(false).from === 'npm start') return false
  await mkdir(dirname(STACK_ENV_FILE), { recursive: true })
  await rm(STACK_ENV_FILE, { force: true }) // a file left behind may be readable by more than its owner
  await writeFile(STACK_ENV_FILE, formatEnvFile(process.pid, variables), { mode: 0o600, flag: 'wx' })
  return true
}

/** Takes them away again, if they are still ours. */
export async function withdrawEnv(): Promise<void> {
  const text = await readFile(STACK_ENV_FILE, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '' // somebody cleaned up before us
    throw error
  })
  if (parseEnvFile(text).pid === process.pid) await rm(STACK_ENV_FILE)
}
