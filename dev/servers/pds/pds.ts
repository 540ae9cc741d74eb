import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { dataDirectory } from '../lib/data-dir.ts'
import { saveSettings, loadOrCreateSettings } from '../lib/saved-settings.ts'
import type { PdsEnvironment } from './pds-process.ts'
import { startNodeServer } from './plc.ts'
import { onFreePorts } from '../lib/ports.ts'
import { asStep } from '../lib/progress.ts'
import type { Progress } from '../lib/progress.ts'
import { embeddedServer, startOrCleanUp } from '../lib/server.ts'
import type { EmbeddedServer } from '../lib/server.ts'

export interface PdsServer extends EmbeddedServer {
  readonly url: string
  readonly adminPassword: string
  /** With its leading dot. */
  readonly handleDomain: string
}

export interface PdsOptions {
  readonly plcUrl: string
  /** Keeps all data in this directory, including secrets and port. Absent: a temporary one. */
  readonly dataDir?: string
  /** With its leading dot. Default `.at.example.test`. */
  readonly handleDomain?: string
  /** Served beside it. */
  readonly otherHandleDomains?: readonly string[]
  /** Default: the secrets kept in `dataDir`, or new ones. */
  readonly adminPassword?: string
  readonly jwtSecret?: string
  /** A K-256 private key, 32 bytes in hex. */
  readonly plcRotationKey?: string
  readonly inviteRequired?: boolean
  /** The PDS's own limits; a caller that sends the key as `x-ratelimit-bypass` is not counted. Default: off. */
  readonly rateLimits?: boolean | { readonly bypassKey: string }
  readonly port?: number
  readonly progress: Progress
}

interface Kept {
  adminPassword: string
  jwtSecret: string
  plcRotationKey: string
  /** The DID documents of all accounts name it. */
  port?: number
}

/** A PDS. Ready means that its health page answers. Throws `StartError` when it does not start. */
export async function startPds(options: PdsOptions): Promise<PdsServer> {
  return asStep(options.progress, 'starting the PDS', async () => {
    const data = await dataDirectory(options.dataDir, 'pds')
    return startOrCleanUp(async () => {
      await mkdir(join(data.path, 'blobs'), { recursive: true })
      const keptFile = join(data.path, 'kept.json')
      const kept = { ...(await loadOrCreateSettings(keptFile, freshSecrets())), ...givenSecrets(options) }
      return onFreePorts([options.port ?? kept.port], async ([port = 0]) => {
        const settingsFile = join(data.path, 'pds.json')
        await saveSettings(settingsFile, environment(options, kept, data.path, port))
        const url = `http://127.0.0.1:${port}`
        const start = () =>
          startNodeServer({
            name: 'PDS',
            entry: 'pds-process.ts',
            settingsFile,
            directory: data.path,
            health: `${url}/xrpc/_health`,
          })
        const first = await start()
        const settings: Kept = { ...kept, port }
        await saveSettings(keptFile, settings)
        return Object.assign(embeddedServer({ first, start, cleanUp: data.remove }), {
          url,
          adminPassword: kept.adminPassword,
          handleDomain: handleDomainOf(options),
        })
      })
    }, data.remove)
  })
}

const handleDomainOf = ({ handleDomain = '.at.example.test' }: PdsOptions) => handleDomain

const freshSecrets = (): Kept => ({
  adminPassword: randomBytes(18).toString('base64url'),
  jwtSecret: randomBytes(32).toString('hex'),
  plcRotationKey: randomBytes(32).toString('hex'),
})

const givenSecrets = ({ adminPassword, jwtSecret, plcRotationKey }: PdsOptions): Partial<Kept> => ({
  ...(adminPassword === undefined ? {} : { adminPassword }),
  ...(jwtSecret === undefined ? {} : { jwtSecret }),
  ...(plcRotationKey === undefined ? {} : { plcRotationKey }),
})

function environment(options: PdsOptions, kept: Kept, dataPath: string, port: number): PdsEnvironment {
  const { plcUrl, inviteRequired = false, rateLimits = false } = options
  return {
    devMode: true,
    port,
    hostname: 'localhost',
    dataDirectory: dataPath,
    blobstoreDiskLocation: join(dataPath, 'blobs'),
    didPlcUrl: plcUrl,
    serviceHandleDomains: [handleDomainOf(options), ...(options.otherHandleDomains ?? [])],
    inviteRequired,
    adminPassword: kept.adminPassword,
    jwtSecret: kept.jwtSecret,
    plcRotationKeyK256PrivateKeyHex: kept.plcRotationKey,
    disableSsrfProtection: true,
    rateLimitsEnabled: rateLimits !== false,
    ...(typeof rateLimits === 'object' ? { rateLimitBypassKey: rateLimits.bypassKey } : {}),
  }
}
