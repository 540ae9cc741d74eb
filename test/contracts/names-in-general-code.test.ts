import { glob, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { MONGO_CHECKS } from '../../src/contracts/mongo/checks.ts'
import { MONGO_PROBLEMS } from '../../src/contracts/mongo/problems.ts'
import { namesIn } from '../../src/contracts/vocabulary.ts'
import { addLibraryWords } from '../support/library/add-words.ts'

addLibraryWords()
const SRC = fileURLToPath(new URL('../../src/', import.meta.url))

// A name without a word throws where it is raised: in the worker's watch, in the server's checks, in `check`.
it('the library, which has no alert of its own, has a word for each alert and finding that general code names', async () => {
  const theirs = new Set(
    (['alerts', 'checks', 'problems'] as const).flatMap((kind) => namesIn(kind, 'library')),
  )
  // general code names findings of both databases, each where a system's state is in it
  const ofDatabases = new Set([...Object.keys(MONGO_CHECKS), ...Object.keys(MONGO_PROBLEMS)])
  const foreign = [...namesIn('alerts'), ...namesIn('checks')].filter(
    (name) => !theirs.has(name) && !ofDatabases.has(name),
  )
  expect(foreign).toContain('account-not-adopted')
  const found: string[] = []
  for await (const file of glob('**/*.ts', { cwd: SRC })) {
    // an adapter serves only the systems that have its server or its records
    if (file.startsWith('adapters/') || /(^|\/)(?:atproto|supabase)(\/|\.ts$)/.test(file)) continue
    const text = await readFile(`${SRC}${file}`, 'utf8')
    found.push(...foreign.filter((name) => text.includes(`'${name}'`)).map((name) => `${file}: ${name}`))
  }
  expect(found).toEqual([])
})
