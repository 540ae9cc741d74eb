import { join } from 'node:path'
import { download } from './download.ts'
import type { Program } from './program.ts'
import type { Source } from './sources.ts'
import { onPath, runTool } from './tool.ts'

const GO_MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1'
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
  sources: (directory) => [sdkDownload(directory), goInstall(directory)],
}

const sdkDownload = (directory: string): Source => ({
  name: "the Temporal SDK's own download",
  timeoutMs: SDK_DOWNLOAD_MS,
  get: async (signal) => usable(await download('temporal', join(directory, 'temporal'), signal)),
})

const goInstall = (directory: string): Source => ({
  name: 'a build with Go (takes two to five minutes)',
  timeoutMs: GO_BUILD_MS,
  async get(signal) {
    await requireGo(signal)
    await runTool({
      command: 'go',
      args: ['install', '-ldflags', '-s -w', GO_MODULE],
      set: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOBIN: directory, GOFLAGS: '' },
      cwd: directory,
      signal,
    })
    return usable(join(directory, 'temporal'))
  },
})

async function requireGo(signal: AbortSignal): Promise<void> {
  await onPath('go')
  const version = await runTool({ command: 'go', args: ['version'], set: { GOTOOLCHAIN: 'local' }, signal })
  const [, minor = '0'] = /go1\.(\d+)/.exec(version) ?? []
  if (Number(minor) < 25) throw new Error(`Go 1.25 or later is needed, this is: ${version.trim()}`)
}

/** A build by `go install` calls itself 0.0.0-DEV, so the server's version is what is looked at. */
async function usable(path: string): Promise<string> {
  const output = await runTool({ command: path, args: ['--version'] })
  const [, major = '0', minor = '0'] = /Server (\d+)\.(\d+)/.exec(output) ?? []
  if (Number(major) > 1 || Number(minor) >= 29) return path
  throw new Error(`${path} is too old: ${output.trim()}`)
}
