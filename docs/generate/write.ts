import { writeFileSync } from 'node:fs'
import { fileOf } from '../../test/deploy/files.ts'
import { generatedPages } from './pages.ts'

/** Entry: `npm run docs`. */
for (const [path, text] of await generatedPages()) {
  writeFileSync(fileOf(path), text)
  process.stdout.write(`${path}\n`)
}
