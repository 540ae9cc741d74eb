export interface SqlAddress {
  readonly hostname: string
  readonly port: string
  readonly username: string
  readonly password: string
}

/** Temporal's two databases, and the schema of each by the name under which `temporal-sql-tool` has it. */
export const DATABASES = {
  temporal: 'postgresql/v12/temporal',
  temporal_visibility: 'postgresql/v12/visibility',
} as const

const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const
/** Every service listens on one port for calls and on one for its membership ring. */
export const PORTS = SERVICES.length * 2
const SHARDS = 4

/**
 * The configuration of a Temporal server with all services in one process, on loopback ports; `ports` are `PORTS` many,
 * the first is the address of clients.
 */
export function serverConfig(
  sql: SqlAddress,
  ports: readonly number[],
  { logLevel, dynamicConfig }: { readonly logLevel: string; readonly dynamicConfig: string },
): object {
  const rpc = (at: number) => ({
    grpcPort: ports[at * 2],
    membershipPort: ports[at * 2 + 1],
    bindOnLocalHost: true,
  })
  return {
    log: { stdout: true, level: logLevel },
    persistence: {
      defaultStore: 'temporal',
      visibilityStore: 'temporal_visibility',
      numHistoryShards: SHARDS,
      datastores: Object.fromEntries(
        Object.keys(DATABASES).map((name) => [name, { sql: connection(sql, name) }]),
      ),
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(SERVICES.map((name, at) => [name, { rpc: rpc(at) }])),
    clusterMetadata: {
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${ports[0]}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '10s' },
  }
}

function connection({ hostname, port, username, password }: SqlAddress, databaseName: string): object {
  return {
    pluginName: 'postgres12',
    databaseName,
    connectAddr: `${hostname}:${port}`,
    connectProtocol: 'tcp',
    user: username,
    password,
    maxConns: 20,
    maxIdleConns: 20,
  }
}
