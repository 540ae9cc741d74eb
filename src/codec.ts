import { serve } from '@hono/node-server'
import { readTogether } from './config/read-all.ts'
import { loadConfig } from './config.ts'
import { createIdHash, createKeyring } from './crypto/keyring.ts'
import { runEntry } from './entry.ts'
import { createCodecApp } from './http/app.ts'
import { limitConnections, SERVER_LIMITS } from './http/limits.ts'
import { createLogger } from './logging.ts'
import { createSealingCodec } from './payloads/codec.ts'
import { verifyVersion } from './state/verify-version.ts'
import { sharedState } from './systems/shared-state.ts'

/**
 * Entry: the codec endpoint alone, so that the process that decrypts values is not the one that accepts requests from
 * the internet. It needs neither Temporal nor Auth0. It exits on SIGINT or SIGTERM, once the requests in flight are
 * answered.
 */
await runEntry(async () => {
  const [config, opened] = await readTogether(
    () => loadConfig(['keys', 'operator', 'ui', 'http']),
    () => sharedState(),
  )
  const logger = createLogger('codec')
  const version = await verifyVersion(opened, (err, what) => logger.warn({ err }, what))
  const app = createCodecApp({
    logger,
    sealed: {
      codec: createSealingCodec(createKeyring(config.keys.sealing)),
      actions: opened.state.actions,
      hash: createIdHash(config.keys.id),
      operator: config.operator,
      uiUrl: config.ui.url,
    },
  })
  const { port, host } = config.http
  const server = serve({ fetch: app.fetch, port, hostname: host, serverOptions: SERVER_LIMITS }, (at) =>
    logger.info({ port: at.port }, 'listening'),
  )
  limitConnections(server)
  try {
    await new Promise<void>((resolve, reject) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const)
        process.once(signal, () => server.close(() => resolve()))
      version.ended.catch((error: unknown) => server.close(() => reject(error)))
    })
  } finally {
    version.stop()
    await opened.close()
  }
})
