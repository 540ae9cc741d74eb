import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { directoryGone, reapDirectory } from './reaper.ts'

export interface DataDirectory {
  readonly path: string
  readonly temporary: boolean
  /** Removes a temporary directory and all in it; a named one stays. */
  remove(): Promise<void>
}

/** The named directory, made if need be and kept; or a fresh temporary one that goes with its process. */
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
      directoryGone(path)
    },
  }
}
