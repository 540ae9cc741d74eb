import { constants } from 'node:fs'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import envPaths from 'env-paths'
import lockfile from 'proper-lockfile'
import type { ProgressStep } from './progress.ts'
import { forgetDirectory, reapDirectory } from './reaper.ts'

/** The user's cache folder, which keeps downloaded and built programs between starts. */
export const defaultCacheDir: string = envPaths('holdfast', { suffix: '' }).cache

const WAIT_MS = 250
const LOCK_STALE_MS = 10_000

/**
 * The path of `file` in the cache's directory `key`. If it is missing, `make` creates it in an empty directory, which
 * is put in place only when whole. One process at a time makes it; others wait for the result, or try themselves when
 * that process failed or died.
 */
export async function cached(options: {
  cacheDir: string
  key: string
  file: string
  step: ProgressStep
  make: (directory: string) => Promise<void>
}): Promise<string> {
  const { cacheDir, key, file, step } = options
  const result = join(cacheDir, key, file)
  if (await isThere(result)) return result
  await mkdir(cacheDir, { recursive: true })
  const release = await lockOrResult(join(cacheDir, key), result, step)
  if (!release) return result
  try {
    if (await isThere(result)) return result
    await removeHalfMade(cacheDir, key)
    const partial = join(cacheDir, `${key}.partial-${process.pid}`)
    await mkdir(partial)
    reapDirectory(partial)
    try {
      await options.make(partial)
      await access(join(partial, file), constants.X_OK)
      if (await isThere(result)) return result // another process took over the lost lock and finished first
      await rm(join(cacheDir, key), { recursive: true, force: true })
      await rename(partial, join(cacheDir, key))
    } finally {
      await rm(partial, { recursive: true, force: true })
      forgetDirectory(partial)
    }
    return result
  } finally {
    await release()
  }
}

async function lockOrResult(path: string, result: string, step: ProgressStep) {
  for (let waited = false; ; waited = true) {
    if (waited && (await isThere(result))) return undefined
    try {
      return await lockfile.lock(path, {
        realpath: false,
        stale: LOCK_STALE_MS,
        onCompromised: () => {}, // another process may make it too: both results are whole, and one is kept
      })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
      if (!waited) step.update('waiting for another npm start that is downloading the same program')
      await sleep(WAIT_MS)
    }
  }
}

/** Removes the incomplete directories of killed processes. This process holds the lock, so no other one uses them. */
async function removeHalfMade(cacheDir: string, key: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (name.startsWith(`${key}.partial-`)) await rm(join(cacheDir, name), { recursive: true, force: true })
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
