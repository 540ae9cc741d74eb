import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Beside us: TypeScript in a checkout, JavaScript in an installed package. */
export const WORKFLOWS = fileURLToPath(
  new URL(`../workflows/index${extname(import.meta.url)}`, import.meta.url),
)
