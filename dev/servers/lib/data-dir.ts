import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { forgetDirectory, reapDirectory } from './reaper.ts'

export interface DataDirectory {
  readonly path: string
  readonly temporary: boolean
  /** Removes a temporary directory with its contents; a named one stays. */
  remove(): Promise<void>
}

/** The named directory, created if missing and kept; or a new temporary one that is removed with its process. */
export async function dataDirectory(given: string | undefined, purpose: string): Promise<DataDirectory> {
  if (given !== undefined) {
    const path = resolve(given)
    await mkdir(path, { recursive: true, mode: 0o700 })
    return { path, temporary: false, remove: async () => {} }
  }
  const path = await mkdtemp(join(tmpdir(), `holdfast-${purpose}-`))
  reapDirectory(path)
  return {
    path,
    temporary: true,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 })
      forgetDirectory(path)
    },
  }
}
