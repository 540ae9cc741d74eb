import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of a file of the checkout. */
export function fileOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

export function textOf(path: string): string {
  return readFileSync(fileOf(path), 'utf8')
}
