import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Env } from './read.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The version that runs, as `0.1.0+4f2a9c1`: the package's, and the commit where one is known (HOLDFAST_COMMIT of an
 * image, or the checkout's own).
 */
export function readBuild(env: Env): string {
  const { version } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as { version: string }
  const commit = env['HOLDFAST_COMMIT'] || checkedOutCommit(ROOT)
  return commit === null ? version : `${version}+${commit.slice(0, 7)}`
}

/** The commit of HEAD, read from git's own files, since git may not be installed. Null outside of a checkout. */
export function checkedOutCommit(root: string): string | null {
  const dotGit = resolve(root, '.git')
  const link = read(dotGit) // a file in a linked worktree, which names the directory
  const git = link === null ? dotGit : resolve(root, link.replace(/^gitdir: /, ''))
  const head = read(resolve(git, 'HEAD'))
  const [, ref] = /^ref: (.+)$/.exec(head ?? '') ?? []
  if (ref === undefined) return head
  const common = link === null ? git : resolve(git, read(resolve(git, 'commondir')) ?? dirname(git))
  const packed = read(resolve(common, 'packed-refs')) ?? ''
  return (
    read(resolve(git, ref)) ??
    read(resolve(common, ref)) ??
    packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(' ')[0] ??
    null
  )
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code))
    )
      return null
    throw error
  }
}
