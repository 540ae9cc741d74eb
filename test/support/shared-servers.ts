import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import type { TestProject } from 'vitest/node'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { dataDirectory } from '../../src/embedded/data-dir.ts'
import { startMongo } from '../../src/embedded/mongo.ts'
import { startPds } from '../../src/embedded/pds.ts'
import { startPlc } from '../../src/embedded/plc.ts'
import { terminalProgress } from '../../src/embedded/progress.ts'
import { startTemporal } from '../../src/embedded/temporal.ts'
import { WORKFLOWS } from '../../src/worker/run.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    servers: SharedServers
  }
}

/** The real servers all test files share; each file keeps to a namespace, a database and people of its own. */
export interface SharedServers {
  readonly temporalAddress: string
  readonly temporalCli: string
  readonly namespaces: readonly string[]
  readonly mongoUri: string
  readonly pdsUrl: string
  readonly pdsAdminPassword: string
  readonly pdsHandleDomain: string
  /** The workflow code, bundled once for all files. */
  readonly bundlePath: string
}

const NAMESPACES = 60

let stop = async (): Promise<void> => {}

/** Starts them once for a whole run, and stops them at its end. */
export async function setup(project: TestProject): Promise<void> {
  const progress = terminalProgress()
  const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `file-${index}`)
  const [first = 'file-0', ...others] = namespaces
  const atproto = async () => {
    const plc = await startPlc({ progress })
    return { plc, pds: await startPds({ plcUrl: plc.url, progress }) }
  }
  const [temporal, mongo, { plc, pds }] = await Promise.all([
    startTemporal({ progress, searchAttributes: SEARCH_ATTRIBUTES, namespaces: [first, ...others] }),
    startMongo({ progress }),
    atproto(),
  ])
  const data = await dataDirectory(undefined, 'tests')
  const bundlePath = join(data.path, 'workflows.js')
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('WARN') })
  await writeFile(bundlePath, code)
  project.provide('servers', {
    temporalAddress: temporal.address,
    temporalCli: temporal.cli,
    namespaces,
    mongoUri: mongo.uri,
    pdsUrl: pds.url,
    pdsAdminPassword: pds.adminPassword,
    pdsHandleDomain: pds.handleDomain,
    bundlePath,
  })
  stop = async () => {
    await Promise.all([temporal.stop(), mongo.stop(), pds.stop()])
    await plc.stop()
    await data.remove()
  }
}

export async function teardown(): Promise<void> {
  await stop()
}
