import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ATPROTO_PERSON_COLLECTIONS } from '../../../src/state/mongo/atproto/person-records.ts'
import { IMPERSONAL_COLLECTIONS, PERSON_COLLECTIONS } from '../../../src/state/mongo/personal-data.ts'

const src = fileURLToPath(new URL('../../../src/', import.meta.url))

it('a collection of our own is one that deletion and export go through, or one that names nobody', () => {
  // The names of metrics begin like those of collections.
  const used = globSync('**/*.ts', { cwd: src, exclude: ['http/metrics/**', 'worker/metrics.ts'] }).flatMap(
    (path) => [...readFileSync(src + path, 'utf8').matchAll(/'(holdfast_[a-z_]+)'/g)].map(([, name]) => name),
  )
  const listed = [...PERSON_COLLECTIONS, ...ATPROTO_PERSON_COLLECTIONS, ...IMPERSONAL_COLLECTIONS].filter(
    (name) => name.startsWith('holdfast_'),
  )
  expect(new Set(used)).toEqual(new Set(listed))
})
