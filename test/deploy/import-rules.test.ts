import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const project = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const FORBIDDEN = [
  ['src/contracts', '../domain/handle.ts'],
  ['src/contracts', 'node:crypto'],
  ['src/contracts/atproto', '../../domain/history.ts'],
  ['src/domain/atproto', '../../adapters/pds/pds.ts'],
  ['src/domain/atproto', '../../config.ts'],
  ['src/domain/atproto', 'node:crypto'],
  ['src/domain', '../adapters/pds.ts'],
  ['src/domain', '../config.ts'],
  ['src/domain', '../crypto/keyring.ts'],
  ['src/domain', 'node:crypto'],
  ['src/domain', 'mongodb'],
  ['src/domain', '@temporalio/client'],
  ['src/workflows', 'node:fs'],
  ['src/workflows', '../adapters/pds.ts'],
  ['src/workflows', '../activities/atproto.ts'],
  ['src/workflows/lib', '../../activities/atproto.ts'],
  ['src/workflows/lib', '../../adapters/mongo/users.ts'],
  ['src/workflows', '../config.ts'],
  ['src/workflows', '@temporalio/client'],
  ['src/adapters', '@temporalio/common'],
  ['src/adapters/mongo', '../../activities/failures.ts'],
  ['src/adapters', '../http/app.ts'],
  ['src/adapters/mongo', '../../state/mongo/tombstones.ts'],
  ['src/state/mongo', '../../activities/lib/failures.ts'],
  ['src/state/mongo', '@temporalio/common'],
  ['src/state/mongo', '../../worker/run.ts'],
  ['src/payloads', '../state/mongo/tombstones.ts'],
  ['src/workflows', '../state/mongo/tombstones.ts'],
  ['src/config', '../state/mongo/tombstones.ts'],
  ['src/activities', '../workflows/signup.ts'],
  ['src/activities', '../client/signups.ts'],
  ['src/intake', '../client/signups.ts'],
  ['src/intake', '../http/app.ts'],
  ['src/intake', '@temporalio/client'],
  ['src/adapters', '../intake/intake.ts'],
  ['src/workflows', '../intake/news.ts'],
  ['src/http', '../activities/atproto.ts'],
  ['src/http', '../workflows/index.ts'],
  ['src/http', '../../dev/servers/mongo/mongo.ts'],
  ['src/cli', '../worker/run.ts'],
  ['src/cli', '../starter.ts'],
  ['src/client', '../activities/failures.ts'],
  ['src/why', '../activities/atproto.ts'],
  ['src/config', '../adapters/pds.ts'],
  ['src/crypto', '../http/secret.ts'],
  ['src/payloads', '../adapters/mongo/users.ts'],
  ['src/payloads', '../config.ts'],
  ['src/checks', '../cli/format/print.ts'],
  ['src/checks', '../worker/run.ts'],
  ['src/checks', '../../dev/servers/mongo/mongo.ts'],
  ['src/worker', '../http/app.ts'],
  ['src/worker', '../../dev/servers/mongo/mongo.ts'],
] as const

const ALLOWED = [
  ['src/contracts', './ids.ts'],
  ['src/contracts/atproto', '../ids.ts'],
  ['src/domain/atproto', '../outside-error.ts'],
  ['src/domain/atproto', '../../contracts/ids.ts'],
  ['src/contracts', '@temporalio/common'],
  ['src/domain', '../contracts/ids.ts'],
  ['src/workflows', '../contracts/ids.ts'],
  ['src/workflows/lib', '../../domain/problems.ts'],
  ['src/activities', '../adapters/mongo/users.ts'],
  ['src/adapters', '../domain/outside-error.ts'],
  ['src/state/mongo', '../../adapters/mongo/lib/errors.ts'],
  ['src/activities', '../state/mongo/tombstones.ts'],
  ['src/intake', '../adapters/mongo/quarantine.ts'],
  ['src/http', '../intake/intake.ts'],
  ['src/activities', '../intake/pass-on.ts'],
  ['src/http', '../client/signups.ts'],
  ['src/payloads', '../crypto/keyring.ts'],
  ['src/cli', '../adapters/mongo/quarantine.ts'],
  ['src/checks', '../activities/atproto.ts'],
  ['src/checks', '../worker/atproto/deps.ts'],
  ['src/why', '../client/signup-reader.ts'],
  ['src/worker', '../activities/atproto.ts'],
  ['src/worker', '../client/signups.ts'],
  ['src', './http/app.ts'],
  ['test/http', '../../dev/servers/mongo/mongo.ts'],
] as const

interface Report {
  diagnostics: { code: string; filename: string }[]
}

let folder = ''
let complained: string[] = []
const fileOf = (room: string, imported: string): string =>
  `${room}/imports-${imported.replaceAll(/[^a-z]+/g, '-')}.ts`

/** Runs the project's linter once, with the project's own rules, over a tree shaped like the project. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-test-lint-'))
  await copyFile(project('.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  const files = [
    ...[...FORBIDDEN, ...ALLOWED].map(([room, name]) => [
      fileOf(room, name),
      `export { x } from '${name}'\n`,
    ]),
    ['src/workflows/takes-types.ts', "export type { X } from '../activities/atproto.ts'\n"],
    ['src/activities/takes-types.ts', "export type { X } from '../client/signups.ts'\n"],
    ['dev/start.ts', "export { x } from './servers/mongo/mongo.ts'\n"],
    ['src/server.ts', "export { x } from '../dev/servers/mongo/mongo.ts'\n"],
    ['src/http/reads-shell.ts', "export const home = process.env['HOME']\n"],
    ['src/config.ts', "export const home = process.env['HOME']\n"],
    ['src/http/swallows.ts', 'export function f(): void {\n  try {\n    f()\n  } catch {}\n}\n'],
  ] as const
  for (const [path = '', text = ''] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  complained = lint()
})
afterAll(() => rm(folder, { recursive: true }))

function lint(): string[] {
  const args = [project('node_modules/oxlint/bin/oxlint'), '--format', 'json', '.']
  let output: string
  try {
    output = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: {} })
  } catch (error) {
    if (!(error instanceof Error) || !('stdout' in error)) throw error
    output = String(error.stdout) // it exits with 1 when it has found something
  }
  return (JSON.parse(output) as Report).diagnostics.map(({ code, filename }) => `${filename} ${code}`)
}

const complaints = (path: string): string[] => complained.filter((line) => line.startsWith(`${path} `))

describe('the linter holds the line between the rooms', () => {
  it.each(FORBIDDEN)('%s may not import %s', (room, imported) => {
    expect(complaints(fileOf(room, imported))).toEqual([
      expect.stringContaining('no-restricted-imports') as string,
    ])
  })

  it.each(ALLOWED)('%s may import %s', (room, imported) => {
    expect(complaints(fileOf(room, imported))).toEqual([])
  })

  it('workflows may take the types of activities, activities those of the client, dev/ its servers, config.ts the environment', () => {
    for (const path of [
      'src/workflows/takes-types.ts',
      'src/activities/takes-types.ts',
      'dev/start.ts',
      'src/config.ts',
    ])
      expect(complaints(path)).toEqual([])
  })

  it('a production entry may not import the embedded servers', () => {
    expect(complaints('src/server.ts')).toEqual([expect.stringContaining('no-restricted-imports') as string])
  })

  it('nothing else reads the environment, and nothing swallows an error', () => {
    expect(complaints('src/http/reads-shell.ts')).toEqual([
      expect.stringContaining('no-process-env') as string,
    ])
    expect(complaints('src/http/swallows.ts')).toContainEqual(expect.stringContaining('no-empty') as string)
  })
})
