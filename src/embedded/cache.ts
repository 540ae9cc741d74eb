import { constants } from 'node:fs'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import envPaths from 'env-paths'
import lockfile from 'proper-lockfile'
import type { ProgressStep } from './progress.ts'
import { directoryGone, reapDirectory } from './reaper.ts'

/** Where programs that were downloaded or built stay between starts: the user's cache folder. */
export const defaultCacheDir: string = envPaths('holdfast', { suffix: '' }).cache

const WAIT_MS = 250
const LOCK_STALE_MS = 10_000

/**
 * The path of `file` in the cache's directory `key`. When it is not there, `make` is given an empty directory
 * to make it in, which takes its place only when whole. One process at a time makes; others wait and take its
 * result, or try for themselves when it failed or died.
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
      if (await isThere(result)) return result // whoever took a lost lock over was faster
      await rm(join(cacheDir, key), { recursive: true, force: true })
      await rename(partial, join(cacheDir, key))
    } finally {
      await rm(partial, { recursive: true, force: true })
      directoryGone(partial)
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
        onCompromised: () => {}, // somebody else may make it too: both results are whole, and one is kept
      })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error
      if (!waited) step.update('waiting for another start that is fetching the same program')
      await sleep(WAIT_MS)
    }
  }
}

/** What killed makers left. The lock is ours, so nobody works in them. */
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
