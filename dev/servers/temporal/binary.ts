import { join } from 'node:path'
import { download } from '../lib/download.ts'
import type { Program } from '../lib/program.ts'
import type { Source } from '../lib/sources.ts'
import { runTool } from '../lib/tool.ts'
import { goInstall } from './go-build.ts'
import type { GoBuild } from './go-build.ts'

export const TEMPORAL_COMMAND: GoBuild = {
  program: 'github.com/temporalio/cli/cmd/temporal',
  version: 'v1.5.1',
  file: 'temporal',
  sum: 'h1:0RZMk14BWxz44Xg6ciDQvpfAMffoG3J7/K03ql80teY=',
  builtFrom: { 'linux-x64': '0afbead4a4a95ef4a9bf8173bc5f3e08a57cb7cb8256214ecbbcbc217143c55f' },
}
const SDK_DOWNLOAD_MS = 60_000
const GO_BUILD_MS = 15 * 60_000

/** The `temporal` command: the server, its web UI and its command line in one. */
export const temporalBinary: Program = {
  what: 'Temporal (`temporal`, 1.5 or later)',
  hint: 'Put `temporal` on PATH, or set HOLDFAST_TEMPORAL_BIN to its path, or install Go 1.25 or later so that it can be built.',
  variable: 'HOLDFAST_TEMPORAL_BIN',
  command: 'temporal',
  cacheKey: 'temporal-cli-1.5',
  file: 'temporal',
  usable,
  sources: (directory) => [sdkDownload(directory), goBuild(directory)],
}

const sdkDownload = (directory: string): Source => ({
  name: "the Temporal SDK's own download",
  timeoutMs: SDK_DOWNLOAD_MS,
  get: async (signal) => usable(await download('temporal', join(directory, 'temporal'), signal)),
})

const goBuild = (directory: string): Source => ({
  name: 'a build with Go (takes two to five minutes)',
  timeoutMs: GO_BUILD_MS,
  async get(signal) {
    await goInstall(TEMPORAL_COMMAND, directory, signal)
    return usable(join(directory, 'temporal'))
  },
})

/** A build by `go install` reports itself as 0.0.0-DEV, so the server's version is checked instead. */
async function usable(path: string): Promise<string> {
  const output = await runTool({ command: path, args: ['--version'] })
  const [, major = '0', minor = '0'] = /Server (\d+)\.(\d+)/.exec(output) ?? []
  if (Number(major) > 1 || Number(minor) >= 29) return path
  throw new Error(`${path} is too old: ${output.trim()}`)
}
