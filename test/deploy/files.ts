import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where a file of the checkout is. */
export function fileOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

export function textOf(path: string): string {
  return readFileSync(fileOf(path), 'utf8')
}
