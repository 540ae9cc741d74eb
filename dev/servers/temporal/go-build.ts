import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ChecksumError, verifyText } from '../lib/checksum.ts'
import { findOnPath, runTool } from '../lib/tool.ts'

/** A program of a Go module, and what it was made from when its checksums were noted. */
export interface GoBuild {
  /** The package of the program, and the version of its module. */
  readonly program: string
  readonly version: string
  /** The file it becomes. */
  readonly file: string
  /** The checksum of its module in Go's checksum database. */
  readonly sum: string
  /**
   * SHA-256 of the modules in the build, by system: the lines `mod` and `dep` of `go version -m`. Only these systems
   * have been checked.
   */
  readonly builtFrom: Readonly<Record<string, string>>
}

/** Builds the program into the directory, and checks what it was made from. */
export async function goInstall(build: GoBuild, directory: string, signal: AbortSignal): Promise<void> {
  await requireGo(signal)
  await runTool({
    command: 'go',
    args: ['install', '-ldflags', '-s -w', nameOf(build)],
    set: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOBIN: directory, GOFLAGS: '' },
    cwd: directory,
    signal,
  })
  const path = join(directory, build.file)
  const made = join(directory, basename(build.program))
  if (made !== path) await rename(made, path)
  verifyBuild(build, await runTool({ command: 'go', args: ['version', '-m', path], signal }))
}

/** Checks that a build consists of the known modules, whatever proxy or settings the machine's Go has. */
export function verifyBuild(
  build: GoBuild,
  modules: string,
  system = `${process.platform}-${process.arch}`,
): void {
  const lines = modules.split('\n').filter((line) => /^\t(?:mod|dep|=>)\t/.test(line))
  const [, sum = 'none'] = /^\tmod\t\S+\t\S+\t(\S+)/.exec(lines[0] ?? '') ?? []
  if (sum !== build.sum) throw new ChecksumError(`The Go module of ${nameOf(build)}`, build.sum, sum)
  const expected = build.builtFrom[system]
  if (expected !== undefined)
    verifyText(`The modules of ${nameOf(build)}`, lines.map((line) => `${line}\n`).join(''), expected)
}

const nameOf = ({ program, version }: GoBuild): string => `${program}@${version}`

async function requireGo(signal: AbortSignal): Promise<void> {
  await findOnPath('go')
  const version = await runTool({ command: 'go', args: ['version'], set: { GOTOOLCHAIN: 'local' }, signal })
  const [, minor = '0'] = /go1\.(\d+)/.exec(version) ?? []
  if (Number(minor) < 25) throw new Error(`Go 1.25 or later is needed, this is: ${version.trim()}`)
}
