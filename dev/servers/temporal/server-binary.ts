import { dirname, join } from 'node:path'
import { findProgram } from '../lib/program.ts'
import type { Program, ProgramOptions } from '../lib/program.ts'
import type { Source } from '../lib/sources.ts'
import { runTool } from '../lib/tool.ts'
import { goInstall } from './go-build.ts'
import type { GoBuild } from './go-build.ts'

const MODULE = {
  version: 'v1.29.1',
  sum: 'h1:sgiMveg/8e51lA62pWb9VzC5WTRitKFyT6XsjonHUhE=',
}
const SERVER: GoBuild = {
  ...MODULE,
  program: 'go.temporal.io/server/cmd/server',
  file: 'temporal-server',
  builtFrom: { 'linux-x64': 'ff6bafbcddf928f57673c220fa6ac4573db833bc0771f0464687c5aa0ad49a82' },
}
const SQL_TOOL: GoBuild = {
  ...MODULE,
  program: 'go.temporal.io/server/cmd/tools/sql',
  file: 'temporal-sql-tool',
  builtFrom: { 'linux-x64': 'e2a31ceb34d85cbb23c52fee9d4dd9cb7fa37981a4b4c3637d49cb5beaa3ac9b' },
}
const GO_BUILD_MS = 30 * 60_000

/** The programs of Temporal's server as production runs it; the `temporal` command has its SQLite form only. */
export interface TemporalServerPrograms {
  readonly server: string
  readonly sqlTool: string
}

/**
 * Finds both programs in one folder: `given` (the value of HOLDFAST_TEMPORAL_SERVER), the one on PATH, or the cache.
 * Builds them only if asked to, since that takes up to half an hour. Throws `NoSourceError`.
 */
export async function temporalServerPrograms({
  given,
  build = false,
  ...options
}: ProgramOptions & { readonly build?: boolean }): Promise<TemporalServerPrograms> {
  const folder = given === undefined ? {} : { given: join(given, SERVER.file) }
  const server = await findProgram(serverProgram(build), { ...options, ...folder })
  return { server, sqlTool: sqlToolBeside(server) }
}

const serverProgram = (build: boolean): Program => ({
  what: `Temporal's server for Postgres (\`${SERVER.file}\` and \`${SQL_TOOL.file}\`, 1.29 or later)`,
  hint: 'Build them: npm run temporal-server; or set HOLDFAST_TEMPORAL_SERVER to the folder that has both.',
  variable: 'HOLDFAST_TEMPORAL_SERVER',
  command: SERVER.file,
  cacheKey: 'temporal-server-1.29.1',
  file: SERVER.file,
  usable,
  sources: (directory) => (build ? [goBuild(directory)] : [notBuilt]),
})

const notBuilt: Source = {
  name: 'a build with Go',
  get: async () => {
    throw new Error('none was asked for')
  },
}

const goBuild = (directory: string): Source => ({
  name: 'a build with Go (takes up to half an hour)',
  timeoutMs: GO_BUILD_MS,
  async get(signal) {
    for (const program of [SERVER, SQL_TOOL]) await goInstall(program, directory, signal)
    return usable(join(directory, SERVER.file))
  },
})

const sqlToolBeside = (server: string): string => join(dirname(server), SQL_TOOL.file)

async function usable(server: string): Promise<string> {
  for (const path of [server, sqlToolBeside(server)]) {
    const output = await runTool({ command: path, args: ['--version'] })
    const [, major = '0', minor = '0'] = /version v?(\d+)\.(\d+)/.exec(output) ?? []
    if (Number(major) <= 1 && Number(minor) < 29) throw new Error(`${path} is too old: ${output.trim()}`)
  }
  return server
}
