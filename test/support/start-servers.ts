import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { dataDirectory } from '../../src/embedded/data-dir.ts'
import { startMongo } from '../../src/embedded/mongo.ts'
import { startPds } from '../../src/embedded/pds.ts'
import { startPlc } from '../../src/embedded/plc.ts'
import { terminalProgress } from '../../src/embedded/progress.ts'
import { startTemporal } from '../../src/embedded/temporal.ts'
import { bundleWorkflows } from '../../src/worker/bundle.ts'

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

const NAMESPACES = 90

/** A domain a world: user codes are drawn apart in each database, and all of them meet on one PDS. */
export const handleDomainIn = (namespace: string): string => `.${namespace}.example.test`

/** Starts all of them. `stop` removes whatever they left. */
export async function startServers(): Promise<{ servers: SharedServers; stop: () => Promise<void> }> {
  const progress = terminalProgress()
  const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `file-${index}`)
  const [first = 'file-0', ...others] = namespaces
  const atproto = async () => {
    const plc = await startPlc({ progress })
    const otherHandleDomains = namespaces.map(handleDomainIn)
    return { plc, pds: await startPds({ plcUrl: plc.url, progress, otherHandleDomains }) }
  }
  const [temporal, mongo, { plc, pds }] = await Promise.all([
    startTemporal({
      progress,
      searchAttributes: SEARCH_ATTRIBUTES,
      namespaces: [first, ...others],
    }),
    startMongo({ progress }),
    atproto(),
  ])
  const data = await dataDirectory(undefined, 'tests')
  const bundlePath = join(data.path, 'workflows.js')
  const { code } = await bundleWorkflows()
  await writeFile(bundlePath, code)
  const servers: SharedServers = {
    temporalAddress: temporal.address,
    temporalCli: temporal.cli,
    namespaces,
    mongoUri: mongo.uri,
    pdsUrl: pds.url,
    pdsAdminPassword: pds.adminPassword,
    pdsHandleDomain: pds.handleDomain,
    bundlePath,
  }
  const stop = async (): Promise<void> => {
    await Promise.all([temporal.stop(), mongo.stop(), pds.stop()])
    await plc.stop()
    await data.remove()
  }
  return { servers, stop }
}
