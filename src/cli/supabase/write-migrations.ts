import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../errors.ts'

export interface WrittenMigration {
  readonly path: string
  /** False where the newest migration of this name has the same statements already. */
  readonly written: boolean
}

/**
 * Writes `<time>_<name>.sql` for each, a second apart, so that they run in this order. Released migrations are never
 * changed: where the statements differ from those of the newest, a further one is written. Throws a `UsageError` for a
 * folder that does not exist.
 */
export async function writeMigrations(
  folder: string,
  migrations: readonly { readonly name: string; readonly text: string }[],
  now: Date,
): Promise<WrittenMigration[]> {
  const existing = await filesIn(folder)
  const results: WrittenMigration[] = []
  for (const [index, { name, text }] of migrations.entries()) {
    const newest = existing
      .filter((file) => new RegExp(`^\\d+_${name}\\.sql$`).test(file))
      .toSorted()
      .at(-1)
    if (newest !== undefined && (await readFile(join(folder, newest), 'utf8')) === text) {
      results.push({ path: join(folder, newest), written: false })
      continue
    }
    const time = new Date(now.getTime() + index * 1_000).toISOString().slice(0, 19).replaceAll(/\D/g, '')
    const path = join(folder, `${time}_${name}.sql`)
    await writeFile(path, text, { flag: 'wx' })
    results.push({ path, written: true })
  }
  return results
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      throw new UsageError(`There is no folder ${folder}.`, { cause: error })
    throw error
  }
}
