import { constants } from 'node:fs'
import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyDirectory } from '../../dev/servers/lib/checksum.ts'
import { download, inScratch } from '../../dev/servers/lib/download.ts'
import { findProgram } from '../../dev/servers/lib/program.ts'
import type { Program, ProgramOptions } from '../../dev/servers/lib/program.ts'
import type { Source } from '../../dev/servers/lib/sources.ts'
import { runTool } from '../../dev/servers/lib/tool.ts'

const VERSION = '1.32.0'
/** The checksum of all jars that Maven resolves for it (see `verifyDirectory`). */
const JARS_SHA256 = '277a23c2fed0eb564ad4c78af2613da253e634354503ff6423c6918dd0c13970'
const DOWNLOAD_MS = 60_000
const MAVEN_MS = 5 * 60_000

const testServer: Program = {
  what: "Temporal's time-skipping test server",
  hint: 'Set HOLDFAST_TEMPORAL_TEST_SERVER_BIN to its path, or install Java 17 or later and Maven so that it can be taken from Maven Central.',
  variable: 'HOLDFAST_TEMPORAL_TEST_SERVER_BIN',
  cacheKey: `temporal-test-server-${VERSION}`,
  file: 'run',
  usable: async (path) => {
    await access(path, constants.X_OK)
    return path
  },
  sources: (directory) => [sdkDownload(directory), mavenCentral(directory)],
}

/**
 * The time-skipping test server, for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })`. Unless
 * its path was given, it exits within seconds of the process that started it. Throws `NoSourceError`.
 */
export async function timeSkippingExecutable(
  options: ProgramOptions,
): Promise<{ type: 'existing-path'; path: string }> {
  return { type: 'existing-path', path: await findProgram(testServer, options) }
}

const sdkDownload = (directory: string): Source => ({
  name: "the Temporal SDK's own download",
  timeoutMs: DOWNLOAD_MS,
  async get(signal) {
    await download('temporal-test-server', join(directory, 'server'), signal)
    return writeRun(directory, '"$here/server"')
  },
})

const mavenCentral = (directory: string): Source => ({
  name: 'Maven Central, to run with Java',
  timeoutMs: MAVEN_MS,
  async get(signal) {
    await requireJava(signal)
    await inScratch(directory, async (scratch) => {
      await mkdir(join(scratch, 'lib'))
      await writeFile(join(scratch, 'pom.xml'), POM)
      await runTool({
        command: 'mvn',
        args: ['dependency:copy-dependencies', '-q', '-B', '-DoutputDirectory=lib', '-DincludeScope=runtime'],
        cwd: scratch,
        signal,
      })
      await verifyDirectory(`The test server ${VERSION}`, join(scratch, 'lib'), JARS_SHA256)
      await rename(join(scratch, 'lib'), join(directory, 'lib'))
    })
    return writeRun(directory, 'java -cp "$here/lib/*" io.temporal.testserver.TestServer')
  },
})

async function requireJava(signal: AbortSignal): Promise<void> {
  const version = await runTool({ command: 'java', args: ['-version'], signal })
  const [, major = '0'] = /version "(\d+)/.exec(version) ?? []
  if (Number(major) < 17)
    throw new Error(`Java 17 or later is needed, this is: ${version.trim().split('\n')[0]}`)
}

/**
 * Writes the script that starts the server. The SDK runs it, so the reaper does not know of it; the script checks
 * itself whether its parent runs.
 */
async function writeRun(directory: string, command: string): Promise<string> {
  const path = join(directory, 'run')
  const lines = [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    'parent=$PPID',
    "alive() { kill -0 $1 && ! grep -q '^State:.Z' /proc/$1/status; }", // ended but not collected is not alive
    '(',
    '  while alive $parent && alive $$; do sleep 0.2; done',
    '  alive $parent || kill -9 $$',
    ') </dev/null >/dev/null 2>&1 &',
    `exec ${command} "$@"`,
  ]
  await writeFile(path, `${lines.join('\n')}\n`, { mode: 0o755 })
  return path
}

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>holdfast</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`
