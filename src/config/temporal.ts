import { loadClientConnectConfig } from '@temporalio/envconfig'
import { ConfigError, read, type Env } from './read.ts'
import { pageUrl, text } from './values.ts'

export interface TemporalConfig {
  readonly connection: ReturnType<typeof loadClientConnectConfig>['connectionOptions']
  readonly namespace: string
  readonly uiUrl: string | null
}

const address = text.regex(/^(?:https?:\/\/)?(?:[^\s:/]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/, {
  error: 'must be a host, or <host>:<port>',
})

/** Reads `TEMPORAL_*` and the profile file just as the `temporal` command does; an empty variable counts as absent. */
export function temporalConfig(env: Env): TemporalConfig {
  const variables = Object.fromEntries(
    Object.entries(env).filter(
      ([name, value]) => value !== undefined && (value !== '' || name.startsWith('TEMPORAL_GRPC_META_')),
    ),
  ) as Record<string, string>
  const { TEMPORAL_UI_URL } = read(env, {
    TEMPORAL_UI_URL: pageUrl.optional(),
    TEMPORAL_ADDRESS: address.optional(),
  })
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: variables })
    return {
      connection: { ...connectionOptions, address: connectionOptions.address ?? '127.0.0.1:7233' },
      namespace: namespace ?? 'default',
      uiUrl: TEMPORAL_UI_URL ?? null,
    }
  } catch (cause) {
    throw new ConfigError([
      `TEMPORAL_* or the profile file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    ])
  }
}
