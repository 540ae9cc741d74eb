import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts'
import { dataDirectory } from '../../dev/servers/lib/data-dir.ts'
import { startMongo } from '../../dev/servers/mongo/mongo.ts'
import { startPds } from '../../dev/servers/pds/pds.ts'
import { startPlc } from '../../dev/servers/pds/plc.ts'
import { terminalProgress } from '../../dev/servers/lib/progress.ts'
import { startTemporal } from '../../dev/servers/temporal/temporal.ts'
import { bundleWorkflows } from '../../src/worker/bundle.ts'

/** HOLDFAST_DOCS_URL of the workers in tests. */
export const DOCS_URL = 'https://docs.example.test'

/** The real servers that all test files share; each file uses its own namespace, database and people. */
export interface SharedServers {
  readonly temporalAddress: string
  readonly temporalCli: string
  readonly namespaces: readonly string[]
  readonly mongoUri: string
  readonly pdsUrl: string
  readonly plcUrl: string
  readonly pdsAdminPassword: string
  readonly pdsHandleDomain: string
  /** The workflow code, bundled once for all files. */
  readonly bundlePath: string
}

const NAMESPACES = 200

/** One domain for each world: user codes are drawn separately in each database, and all of them share one PDS. */
export const handleDomainIn = (namespace: string): string => `.${namespace}.example.test`

/** Starts all of them. `stop` also removes their remaining data. */
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
  const { code } = await bundleWorkflows({ docsUrl: DOCS_URL })
  await writeFile(bundlePath, code)
  const servers: SharedServers = {
    temporalAddress: temporal.address,
    temporalCli: temporal.cli,
    namespaces,
    mongoUri: mongo.uri,
    pdsUrl: pds.url,
    plcUrl: plc.url,
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
