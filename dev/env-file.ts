import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { commandEnv, STACK_ENV_FILE } from '../src/config.ts'
import { formatEnvFile, parseEnvFile, type EnvOwner } from '../src/config/env-file.ts'
import { processStart } from '../src/config/process-start.ts'

/** The temporary name lies beside the file, so that a command always reads a whole file. */
const DRAFT = `${STACK_ENV_FILE}.${process.pid}`

/**
 * Announces to commands run in the checkout that servers for them are starting. False when another `npm start` has
 * already claimed the checkout.
 */
export async function claimEnv(): Promise<boolean> {
  if (commandEnv(false).from !== 'shell') return false
  await mkdir(dirname(STACK_ENV_FILE), { recursive: true })
  await rm(STACK_ENV_FILE, { force: true }) // left by a process that was killed
  await draft({})
  try {
    await link(DRAFT, STACK_ENV_FILE)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false // another `npm start` began at the same moment
    throw error
  } finally {
    await rm(DRAFT)
  }
}

/** Writes the variables of this stack where those commands find them; the checkout has been claimed already. */
export async function publishEnv(variables: Readonly<Record<string, string>>): Promise<void> {
  await draft(variables)
  await rename(DRAFT, STACK_ENV_FILE)
}

/** Removes the variables and the claim, if they are still those of this process. */
export async function withdrawEnv(): Promise<void> {
  const text = await readFile(STACK_ENV_FILE, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '' // another process removed it first
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
