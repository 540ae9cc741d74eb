import { access, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../lib/child.ts'
import { toFlags } from '../lib/flags.ts'
import { inaccessibleDirectory } from './binary.ts'
import type { PostgresPrograms } from './binary.ts'
import { StartError } from '../lib/ready.ts'

/**
 * The cluster in `dataPath`, created if missing: first in a directory beside it, so that a killed initdb leaves nothing
 * that looks whole.
 */
export async function ensureCluster(
  programs: PostgresPrograms,
  dataPath: string,
  password: string,
  administrator: string,
): Promise<string> {
  const cluster = join(dataPath, 'cluster')
  const { user } = programs
  if (user) {
    await chown(dataPath, user.uid, user.gid)
    const closed = await inaccessibleDirectory(join(dataPath, '..'))
    if (closed) {
      throw new Error(
        `Postgres runs as an unprivileged user when started by root, and that user cannot enter ${closed}. Keep the data somewhere else, or start as another user than root.`,
      )
    }
  }
  const there = await access(cluster).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  if (there) return cluster
  const fresh = join(dataPath, 'cluster.new')
  const passwordFile = join(dataPath, 'password.new')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (user) for (const path of [fresh, passwordFile]) await chown(path, user.uid, user.gid)
  const initdb = startChild({
    name: 'initdb',
    command: programs.initdb,
    args: toFlags({
      pgdata: fresh,
      username: administrator,
      pwfile: passwordFile,
      auth: 'scram-sha-256',
      encoding: 'UTF8',
      locale: 'C',
      'no-sync': true,
    }),
    logFile: join(dataPath, 'initdb.log'),
    cwd: '/',
    ...user,
  })
  const end = await initdb.exited
  await rm(passwordFile)
  if (end !== 'exit code 0') throw new StartError(`initdb: ${end}\n${await initdb.output()}`, false)
  await rename(fresh, cluster)
  return cluster
}
