import { readFile, rename, writeFile } from 'node:fs/promises'

/**
 * The settings that a server needs again when it is started later on the same data: those in the file, else those of
 * `fresh`. The file is written back, readable by its owner only.
 */
export async function loadOrCreateSettings<T extends object>(path: string, fresh: T): Promise<T> {
  const kept = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as Partial<T>,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return {}
      throw error
    },
  )
  const settings = { ...fresh, ...kept }
  await saveSettings(path, settings)
  return settings
}

export async function saveSettings(path: string, settings: object): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
