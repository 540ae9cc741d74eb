import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { commandEnv, STACK_ENV_FILE } from '../config.ts'
import { formatEnvFile, parseEnvFile, type EnvOwner } from '../config/env-file.ts'
import { processStart } from '../config/process-start.ts'

/** Beside the file, so that what a command reads is always whole. */
const DRAFT = `${STACK_ENV_FILE}.${process.pid}`

/** Says to commands run in the checkout that servers for them are coming up. False when another `npm start` has it. */
export async function claimEnv(): Promise<boolean> {
  if (commandEnv(false).from !== 'shell') return false
  await mkdir(dirname(STACK_ENV_FILE), { recursive: true })
  await rm(STACK_ENV_FILE, { force: true }) // left behind
  await draft({})
  try {
    await link(DRAFT, STACK_ENV_FILE)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false // it began at the same moment
    throw error
  } finally {
    await rm(DRAFT)
  }
}

/** Leaves the variables of this stack where those commands find them; the checkout was claimed before. */
export async function publishEnv(variables: Readonly<Record<string, string>>): Promise<void> {
  await draft(variables)
  await rename(DRAFT, STACK_ENV_FILE)
}

/** Takes them away again, if they are still ours. */
export async function withdrawEnv(): Promise<void> {
  const text = await readFile(STACK_ENV_FILE, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '' // somebody cleaned up before us
    throw error
  })
  const { owner } = parseEnvFile(text)
  if (owner?.pid === process.pid && owner.began === self().began) await rm(STACK_ENV_FILE)
}

function draft(variables: Readonly<Record<string, string>>): Promise<void> {
  return writeFile(DRAFT, formatEnvFile(self(), variables), { mode: 0o600 })
}

function self(): EnvOwner {
  return { pid: process.pid, began: processStart(process.pid) ?? '' }
}
